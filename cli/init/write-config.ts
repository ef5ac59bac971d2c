import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SEARCH_PLACES } from '../../core/config/search-places.js';
import { ForgeError } from '../../core/errors/index.js';
import { isErrorLike } from '../thrown.js';

/**
 * Write a config file that will be the one found in the folder.
 *
 * @param force overwrite the file of that name; another config file in the folder is never touched
 * @returns absolute path
 * @throws ForgeError AF_USAGE when a config is there, AF_STORAGE_IO when the folder cannot be written
 */
export async function writeConfig(
  folder: string,
  name: string,
  content: string,
  force: boolean,
): Promise<string> {
  const file = join(folder, name);
  const other = SEARCH_PLACES.find(
    (place) => place !== 'package.json' && place !== name && existsSync(join(folder, place)),
  );
  if (other !== undefined) throw otherConfig(folder, other, name);
  try {
    await writeFile(file, content, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    throw writeError(file, name, cause);
  }
  return file;
}

function otherConfig(folder: string, other: string, name: string): ForgeError {
  return new ForgeError('AF_USAGE', `This folder has a config already: ${other}.`, {
    at: join(folder, other),
    fix: `Edit it, or remove it to start again with ${name}.`,
  });
}

function writeError(file: string, name: string, cause: unknown): ForgeError {
  if (isErrorLike(cause) && cause.code === 'EEXIST') {
    return new ForgeError('AF_USAGE', `${name} exists already.`, {
      at: file,
      fix: 'Edit it, or overwrite it with --force.',
    });
  }
  return new ForgeError('AF_STORAGE_IO', `${name} could not be written.`, {
    at: file,
    cause,
    fix: 'Check that the folder exists and can be written.',
  });
}
