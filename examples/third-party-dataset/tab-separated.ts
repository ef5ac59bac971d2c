import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineDataset, ForgeError, Type, withDefault, type DataRecord, type OptionsOf } from 'agentforge';

/** Questions and answers of a spreadsheet: one pair per line, a tab between them. */
export const tabSeparated = defineDataset({
  name: 'tab-separated',
  description: 'Questions and answers, one pair per line with a tab between them',
  options: Type.Object(
    { file: withDefault(Type.String({ description: 'Below the data folder' }), 'questions.tsv') },
    { additionalProperties: false },
  ),
  create: ({ file }) => ({
    category: 'qa',
    synthetic: false,
    load: async ({ root }) => {
      const text = await contentOf(root, file);
      const lines = text.split(/\r?\n/).map((line, i) => [line, i + 1] as const);
      return lines
        .filter(([line]) => line.trim() !== '')
        .map(([line, at]) => recordOf(line, `${file}:${at}`));
    },
    grade: ({ output = '' }, answer) => answer.trim().toLowerCase() === output.trim().toLowerCase(),
  }),
});

async function contentOf(root: string | null, file: string): Promise<string> {
  const path = join(root ?? '.', file);
  try {
    if (root !== null) return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ENOENT') throw cause;
  }
  throw new ForgeError('AF_DATA_NOT_FOUND', `There is no file ${file} in the data folder.`, {
    at: path,
    fix: 'Set data.root in the config, or AGENTFORGE_DATA, to the folder that has it.',
  });
}

function recordOf(line: string, at: string): DataRecord {
  const [question = '', answer = '', ...more] = line.split('\t').map((cell) => cell.trim());
  if (question === '' || answer === '' || more.length > 0) {
    throw new ForgeError('AF_DATA_MALFORMED', 'The line is not a question, a tab and an answer.', {
      at,
      fix: 'Give the line two cells, or remove it.',
    });
  }
  const [input, output] = [`Question: ${question}\nAnswer:`, ` ${answer}`];
  return { text: input + output, input, output };
}

/** The compiler knows the options wherever a config names the plugin. */
declare module 'agentforge' {
  interface KnownPlugins {
    'tab-separated': OptionsOf<typeof tabSeparated>;
  }
}

export default tabSeparated;
