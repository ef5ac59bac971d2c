import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { types } from 'node:util';
import { Failure, usage } from './failure.js';
import type { ProjectFiles } from './project.js';

/** What may be there already: a repository that was just made. */
const HARMLESS = new Set(['.git', '.DS_Store']);
const SHOWN = 10;

/**
 * Write a project into a folder, which is made when it is not there.
 *
 * @param force write into a folder that is not empty, over files of the same names; others stay
 * @throws Failure when the folder is not empty (nothing is written then) or cannot be written
 */
export async function writeProject(folder: string, files: ProjectFiles, force: boolean): Promise<void> {
  const there = await contentOf(folder);
  if (there.length > 0 && !force) throw notEmpty(folder, there);
  for (const [path, text] of files) {
    const file = join(folder, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    } catch (cause) {
      throw new Failure(
        `${file} could not be written: ${messageOf(cause)}`,
        1,
        'Check that the folder can be written and that the disk is not full.',
        cause,
      );
    }
  }
}

async function contentOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !HARMLESS.has(name)).sort();
  } catch (cause) {
    const code = types.isNativeError(cause) && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR')
      throw usage(`${folder} is no folder.`, 'Name a folder that is empty or not there yet.');
    throw new Failure(
      `${folder} could not be read: ${messageOf(cause)}`,
      1,
      'Check that the folder can be read.',
      cause,
    );
  }
}

function notEmpty(folder: string, there: readonly string[]): Failure {
  const more = there.length > SHOWN ? ` and ${there.length - SHOWN} more` : '';
  return usage(
    `${folder} is not empty: ${there.slice(0, SHOWN).join(', ')}${more}.`,
    'Name another folder, or write over files of the same names with --force.',
  );
}

function messageOf(thrown: unknown): string {
  return types.isNativeError(thrown) ? thrown.message : String(thrown);
}
