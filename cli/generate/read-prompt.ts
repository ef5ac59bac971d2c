import { resolve } from 'node:path';
import { ForgeError, isForgeError } from '../../core/errors/index.js';
import { readWhole } from '../../storage/regular-file.js';
import type { CliIo } from '../io.js';
import { messageOf } from '../../core/errors/message-of.js';

/** Where the text to continue comes from; nothing starts a document. */
export interface PromptFlags {
  /** The text itself, or `-` for standard input. */
  readonly prompt?: string;
  readonly promptFile?: string;
}

export const STANDARD_INPUT = '-';

/**
 * The prompt as text. One newline at the end of a file or of standard input is dropped: editors and `echo` add it.
 * @throws ForgeError AF_USAGE when it cannot be read or is not UTF-8, AF_STORAGE_NOT_A_FILE
 */
export async function readPrompt(
  { prompt = '', promptFile }: PromptFlags,
  io: Pick<CliIo, 'stdin' | 'cwd'>,
): Promise<string> {
  if (promptFile !== undefined) return decode(await fileBytes(resolve(io.cwd, promptFile)), promptFile);
  if (prompt === STANDARD_INPUT) return decode(await collect(io.stdin), 'standard input');
  return prompt;
}

/** @throws ForgeError AF_USAGE, AF_STORAGE_NOT_A_FILE */
export async function fileBytes(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path);
  } catch (cause) {
    if (isForgeError(cause)) throw cause;
    throw new ForgeError('AF_USAGE', `The prompt cannot be read: ${messageOf(cause)}`, {
      at: path,
      fix: 'Name a text file, or give the text itself with --prompt.',
      cause,
    });
  }
}

async function collect(chunks: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

function decode(bytes: Uint8Array, at: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new ForgeError('AF_USAGE', 'The prompt is not UTF-8 text.', {
      at,
      fix: 'Give text in UTF-8.',
      cause,
    });
  }
}
