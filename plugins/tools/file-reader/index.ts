import { Type } from '@sinclair/typebox';
import { defineTool, toolNameTag, type Tool } from '../../../core/contracts/tool.js';
import { problemsError, type Problem } from '../../../core/errors/index.js';
import { manualsOf } from '../../../nn/curriculum/index.js';
import { Draw } from '../../../nn/random/index.js';
import { outcomeOf, ToolStop } from '../shared/outcome.js';
import { kindAt, worded, type Wordings } from '../shared/questions.js';
import { normalisePath } from './path.js';
import { generatedFiles, givenFiles, type Files } from './world.js';

const TAG = toolNameTag('file-reader');

const Options = Type.Object(
  {
    files: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Texts by path, such as `notes/today.txt`. Default: some thousands of generated ones.',
      }),
    ),
  },
  { additionalProperties: false },
);

const WORDINGS: Wordings<string> = {
  train: [
    (path) => `Read the file "${path}".`,
    (path) => `What is in "${path}"?`,
    (path) => `Open "${path}" and tell me what it says.`,
    (path) => `Show me the file "${path}".`,
    (path) => `What does the file "${path}" say?`,
    (path) => `Please read "${path}" for me.`,
    (path) => `Tell me what "${path}" holds.`,
    (path) => `I want to see "${path}".`,
    (path) => `Could you open the file "${path}"?`,
    (path) => `The text of "${path}", please.`,
    (path) => `What is written in "${path}"?`,
    (path) => `Give me the file "${path}".`,
    (path) => `"${path}" says what?`,
  ],
  things: [
    (path) => `the text in "${path}"`,
    (path) => `the file "${path}"`,
    (path) => `the lines of "${path}"`,
    (path) => `the text of the file "${path}"`,
  ],
  'held-out': [
    (path) => `Which text is stored in "${path}"?`,
    (path) => `I need the contents of "${path}".`,
    (path) => `Look into "${path}" for me.`,
  ],
};

/** Reads files that exist only in its options: no path reaches a disk. */
export const fileReader = defineTool({
  name: 'file-reader',
  description: 'Text of a virtual file by its path',
  options: Options,
  create: ({ files }) => {
    const given = files === undefined ? null : checkedFiles(files);
    let made: Files | null = given === null ? null : givenFiles(given);
    const world = (): Files => (made ??= generatedFiles());
    const tool: Tool = {
      manual: {
        wordings: [
          `${TAG} reads a file. Give it the path.`,
          `To read a file call ${TAG} with its path.`,
          `Tool ${TAG}: give it a path, get the text.`,
          `Ask ${TAG} when the text of a file is wanted.`,
          `Use ${TAG} to open files, like notes/lamp.txt.`,
          `Files are for ${TAG}: give it the path.`,
          `${TAG} opens the file you name.`,
          `A file? Call ${TAG} with its path.`,
          `Let ${TAG} read files.`,
          `You have ${TAG}, which knows what files say.`,
          ...manualsOf(TAG, ['files', 'the text of files', 'what a file holds']),
        ],
        heldOut: [
          `What stands in a file is known by ${TAG}; hand over the path.`,
          `${TAG} takes the name of a file and says what it holds.`,
          `You can look into files with ${TAG}.`,
        ],
        short: `${TAG}: files`,
      },
      run: (args, limits) =>
        outcomeOf(args, limits, () => {
          const text = world().read(normalisePath(args));
          if (text === undefined) throw new ToolStop('not-found', 'no such file');
          return text;
        }),
    };
    if (given !== null && given.size < 2) return tool;
    return {
      ...tool,
      ask: (random, difficulty, side) => {
        const draw = new Draw(random);
        const path = draw.pick(kindAt(world().kinds, difficulty)[side]);
        return worded(draw, WORDINGS, side, path, path);
      },
    };
  },
});

/** @throws ForgeError AF_CONFIG_INVALID for paths that could never be read */
function checkedFiles(files: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const problems: Problem[] = [];
  const checked = new Map<string, string>();
  for (const [path, text] of Object.entries(files)) {
    const at = `files.${path}`;
    const found = outcomeOf(path, { characters: Infinity }, () => normalisePath(path));
    if (!found.ok) problems.push({ at, message: `can never be read: ${found.message}` });
    else if (checked.has(found.text)) problems.push({ at, message: `is ${found.text} once more` });
    else checked.set(found.text, text);
  }
  if (problems.length > 0)
    throw problemsError(
      'AF_CONFIG_INVALID',
      'The files of file-reader',
      problems,
      'Write paths as notes/today.txt.',
    );
  return checked;
}
