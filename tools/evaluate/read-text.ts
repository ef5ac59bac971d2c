import { resolve } from 'node:path';
import { ForgeError, isForgeError } from '../../core/errors/index.js';
import { messageOf } from '../../core/errors/message-of.js';
import { isMissing } from '../../storage/file-system.js';
import { readWhole } from '../../storage/regular-file.js';

/** A text to predict. */
export interface TextToMeasure {
  /** As it was named. */
  readonly name: string;
  readonly text: string;
  /** Bytes of the file, a byte order mark included. */
  readonly bytes: number;
}

/**
 * A whole file of UTF-8 text.
 * @throws ForgeError AF_EVALUATE_TEXT when it is not there, empty, binary or not UTF-8, AF_STORAGE_NOT_A_FILE
 */
export async function readTextToMeasure(name: string, cwd: string): Promise<TextToMeasure> {
  const path = resolve(cwd, name);
  const content = await bytesOf(path, name);
  if (content.byteLength === 0) throw unusable(path, `${name} is empty`, 'Name a file with some text in it.');
  if (content.includes(0))
    throw unusable(path, `${name} is a binary file: it has bytes that are 0`, 'Name a file of plain text.');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    return { name, text, bytes: content.byteLength };
  } catch (cause) {
    throw unusable(path, `${name} is not UTF-8 text`, 'Convert it: iconv -t utf-8 does.', cause);
  }
}

/** @param what a sentence without its full stop */
export function unusable(at: string, what: string, fix: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_EVALUATE_TEXT', `${what}.`, { at, fix, cause });
}

async function bytesOf(path: string, name: string): Promise<Uint8Array> {
  try {
    return await readWhole(path);
  } catch (cause) {
    if (isForgeError(cause)) throw cause;
    if (isMissing(cause))
      throw unusable(path, `There is no file ${name}`, 'Name a text file, as seen from here.');
    throw unusable(path, `${name} cannot be read: ${messageOf(cause)}`, 'Name a text file.', cause);
  }
}
