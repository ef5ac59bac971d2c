import { basename, join } from 'node:path';
import { ForgeError } from '../core/errors/index.js';
import type { Checkpoint } from '../core/contracts/store.js';
import type { FileSystem } from './file-system.js';
import { makeFolder, syncFolder } from './folders.js';
import { hashFile, sha256 } from './hashing.js';
import { isObject } from './is-object.js';
import { PendingFile } from './pending-file.js';
import { readWhole } from './regular-file.js';
import type { WrittenFile } from './safetensors/writer.js';

/** Version of the folder's content. */
const FORMAT = 1;
const TENSORS = 'tensors.safetensors';
const STATE = 'state.json';
const MANIFEST = 'manifest.json';

interface Manifest {
  readonly format: number;
  readonly step: number;
  /** Length and hash of every file of the set. */
  readonly files: Readonly<Record<string, WrittenFile>>;
}

/** A complete checkpoint on disk: `step-<n>`, or `step-<n>.<revision>` when the step was saved again. */
export interface CheckpointFolder {
  readonly name: string;
  readonly step: number;
  readonly revision: number;
}

/** Name of a checkpoint's folder; padded so that folder listings sort by step. */
export function checkpointFolderName(step: number, revision: number): string {
  return `step-${String(step).padStart(9, '0')}${revision === 0 ? '' : `.${revision}`}`;
}

/** What a folder name says, or null for anything else. */
export function parseCheckpointFolder(name: string): CheckpointFolder | null {
  const match = /^step-(\d{9,})(?:\.([1-9]\d*))?$/.exec(name);
  return match && { name, step: Number(match[1]), revision: Number(match[2] ?? 0) };
}

/** Write the files of a checkpoint into an existing folder and make them durable. */
export async function writeCheckpointFiles(
  folder: string,
  checkpoint: Checkpoint,
  state: string,
  files: FileSystem,
): Promise<void> {
  await makeFolder(folder, files);
  const { writeTensorDict } = await import('./tensor-files.js');
  const written = {
    [STATE]: await writeOne(folder, STATE, files, (pending) => put(pending, state)),
    [TENSORS]: await writeOne(folder, TENSORS, files, (pending) =>
      writeTensorDict(pending, checkpoint.tensors, { file: join(folder, TENSORS) }),
    ),
  };
  const manifest: Manifest = { format: FORMAT, step: checkpoint.step, files: written };
  await writeOne(folder, MANIFEST, files, (pending) => put(pending, JSON.stringify(manifest, null, 2)));
  await syncFolder(folder, files);
}

/**
 * Read a checkpoint and compare every file with its recorded hash.
 *
 * @throws ForgeError AF_CHECKPOINT_CORRUPT saying what does not match
 */
export async function readCheckpointFiles(
  folder: string,
  step: number,
  files: FileSystem,
): Promise<Checkpoint> {
  const manifest = parseManifest(await content(folder, MANIFEST, files), folder);
  if (manifest.step !== step) throw damaged(folder, `${MANIFEST} is of step ${manifest.step}`);
  const state = await content(folder, STATE, files);
  if (!matches(manifest.files[STATE], { bytes: state.byteLength, sha256: sha256(state) }))
    throw damaged(folder, `${STATE} does not match its hash`);
  const tensors = join(folder, TENSORS);
  const found = await hashFile(tensors, files).catch((cause: unknown) => {
    throw damaged(folder, `${TENSORS} cannot be read`, cause);
  });
  if (!matches(manifest.files[TENSORS], found)) throw damaged(folder, `${TENSORS} does not match its hash`);
  const { readTensorFile } = await import('./tensor-files.js');
  return {
    step,
    tensors: await readTensorFile(tensors, files),
    state: JSON.parse(new TextDecoder().decode(state)) as unknown,
  };
}

async function writeOne(
  folder: string,
  name: string,
  files: FileSystem,
  fill: (pending: PendingFile) => Promise<WrittenFile>,
): Promise<WrittenFile> {
  const pending = await PendingFile.create(folder, join(folder, name), files);
  try {
    const written = await fill(pending);
    await pending.commit(join(folder, name));
    return written;
  } catch (error) {
    await pending.abort();
    throw error;
  }
}

async function put(pending: PendingFile, text: string): Promise<WrittenFile> {
  const bytes = Buffer.from(text);
  await pending.write(bytes, 0);
  return { bytes: bytes.byteLength, sha256: sha256(bytes) };
}

async function content(folder: string, name: string, files: FileSystem): Promise<Uint8Array> {
  try {
    return await readWhole(join(folder, name), files);
  } catch (cause) {
    throw damaged(folder, `${name} cannot be read`, cause);
  }
}

function parseManifest(bytes: Uint8Array, folder: string): Manifest {
  let manifest: unknown;
  try {
    manifest = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw damaged(folder, `${MANIFEST} is not JSON`, cause);
  }
  if (!isObject(manifest) || typeof manifest['format'] !== 'number')
    throw damaged(folder, `${MANIFEST} has no format`);
  if (manifest['format'] !== FORMAT)
    throw damaged(folder, `this agentforge does not read its format ${manifest['format']}`);
  if (!isObject(manifest['files'])) throw damaged(folder, `${MANIFEST} has no list of files`);
  return manifest as unknown as Manifest;
}

function matches(recorded: WrittenFile | undefined, found: WrittenFile): boolean {
  return recorded?.bytes === found.bytes && recorded.sha256 === found.sha256;
}

function damaged(folder: string, reason: string, cause?: unknown): ForgeError {
  return new ForgeError(
    'AF_CHECKPOINT_CORRUPT',
    `The checkpoint ${basename(folder)} is damaged: ${reason}.`,
    {
      at: folder,
      fix: 'Resume from an older checkpoint (agentforge does so by itself), or run the phase again.',
      cause,
    },
  );
}
