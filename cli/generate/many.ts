import { resolve } from 'node:path';
import { encodeJson } from '../../core/contracts/json-numbers.js';
import { ForgeError } from '../../core/errors/index.js';
import { terminalOf } from '../../plugins/sinks/console/terminal/index.js';
import type { Model } from '../../tools/index.js';
import type { CommandContext, Outcome } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { sayError } from '../say-error.js';
import { errorDocument } from '../render/error.js';
import { linesOf, type InputLine } from './lines.js';
import { fileBytes, STANDARD_INPUT } from './read-prompt.js';
import { writeText, type WritingRequest } from './write.js';

/**
 * The prompts of a file or of standard input, one on each line.
 * @throws ForgeError AF_USAGE when the file cannot be read or holds none, AF_STORAGE_NOT_A_FILE
 */
export async function readPrompts(file: string, { io }: CommandContext): Promise<InputLine[]> {
  const isInput = file === STANDARD_INPUT;
  const chunks = isInput ? io.stdin : once(await fileBytes(resolve(io.cwd, file)));
  const lines: InputLine[] = [];
  for await (const line of linesOf(chunks)) lines.push(line);
  if (lines.length > 0) return lines;
  throw new ForgeError('AF_USAGE', 'There are no prompts: every line is empty.', {
    at: isInput ? 'standard input' : file,
    fix: 'Give a text with a prompt on each line.',
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Continue each prompt alone. With `--json` each makes a document on a line of its own. A line that cannot be read
 * is told, and the others are written all the same.
 *
 * @param document what is said of each text beside what was written
 */
export async function writeMany(
  model: Model,
  lines: readonly InputLine[],
  request: WritingRequest,
  context: CommandContext,
  document: Readonly<Record<string, unknown>>,
): Promise<Outcome> {
  const { ProgressLine } = await import('../progress-line.js');
  const { io, json } = context;
  const isSeen = terminalOf(io.stdout, io.env).interactive && !json;
  const progress = isSeen ? null : new ProgressLine(terminalOf(io.stderr, io.env), 'generate');
  const print = (found: object): void => {
    if (json) io.stdout.write(`${encodeJson(found)}\n`);
  };
  let failed = 0;
  try {
    for (const [done, line] of lines.entries()) {
      if (request.options.signal?.aborted === true) break;
      progress?.update({ task: 'prompts', done, total: lines.length, unit: 'prompt' });
      if ('error' in line) {
        failed++;
        sayError(line.error, context);
        print({ ...document, line: line.line, error: errorDocument(line.error) });
        continue;
      }
      const written = await writeText(model, line.text, request, context, `Line ${line.line}`);
      print({ ...document, line: line.line, prompt: line.text, ...written });
    }
  } finally {
    progress?.close();
  }
  const aborted = request.options.signal?.aborted === true;
  return {
    document: undefined,
    text: () => '',
    exitCode: aborted ? EXIT.interrupted : failed > 0 ? EXIT.failed : EXIT.ok,
  };
}
