import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { encodeJson } from '../../core/contracts/json-numbers.js';
import { ForgeError } from '../../core/errors/index.js';
import { writeFileAtomic } from '../../storage/atomic-write.js';
import { storageError } from '../../storage/io-error.js';
import { chatDocument, chatMarkdown, type ChatDocument } from '../../tools/chat/document.js';
import type { Conversation } from '../../tools/index.js';

const FORCE = /\s+--force$/;

/** How a conversation is written, by the ending of the file. */
const FORMATS: Readonly<Record<string, (document: ChatDocument) => string>> = {
  '.json': (document) => `${encodeJson(document, 2)}\n`,
  '.md': chatMarkdown,
};

/**
 * Write a conversation to a file, complete or not at all.
 *
 * @param asked path, with `--force` behind it where a file that is there may be replaced
 * @returns what was done
 * @throws ForgeError AF_USAGE, AF_STORAGE_DENIED, AF_STORAGE_FULL, AF_STORAGE_IO with nothing changed
 */
export async function save(chat: Conversation, asked: string, cwd: string): Promise<string> {
  const file = asked.replace(FORCE, '').trim();
  const format = FORMATS[extname(file).toLowerCase()];
  if (format === undefined)
    throw new ForgeError(
      'AF_USAGE',
      file === '' ? 'No file is named.' : `Nobody knows how to write ${file}.`,
      {
        fix: 'Name a file that ends in .json or .md.',
      },
    );
  const path = resolve(cwd, file);
  if (existsSync(path) && !FORCE.test(asked))
    throw new ForgeError('AF_USAGE', `${file} is there already.`, {
      at: path,
      fix: `Name another file, or replace it: /save ${file} --force`,
    });
  try {
    await writeFileAtomic(path, format(chatDocument(chat)));
  } catch (error) {
    throw storageError(error, 'save the conversation', path);
  }
  const { length } = chat.turns;
  return `Saved ${length} ${length === 1 ? 'turn' : 'turns'} to ${path}`;
}
