import { join } from 'node:path';
import type { Registry, SessionRecord } from '../../core/contracts/registry.js';
import { isMissing, type FileSystem } from '../file-system.js';
import { readChunks } from '../hashing.js';
import { openRegularFile } from '../regular-file.js';
import { namesIn } from '../temporary.js';
import { walk } from './disk.js';

const HASH = /[0-9a-f]{64}/g;
/** A hash may lie across two chunks: the end of one is read again with the next. */
const OVERLAP = 63;

/** Where references are looked for. */
export interface References {
  readonly registry: Registry;
  readonly sessionsFolder: string;
  /** Where an artifact lies. */
  readonly address: (hash: string) => string;
  readonly files: FileSystem;
}

export interface ReferenceSources extends References {
  /** Sessions that stay. */
  readonly sessions: readonly SessionRecord[];
  /** Sessions that go: what only they refer to is garbage. */
  readonly removed: ReadonlySet<string>;
}

/**
 * The hashes of all artifacts that something still refers to: models, phase results and handoffs of the registry,
 * JSON files of session folders (checkpoint state, config, reports), and JSON documents among the artifacts found
 * so far. Any 64 hex digits count as a reference: rather a file too many kept than one too few.
 */
export async function referencedHashes(sources: ReferenceSources): Promise<ReadonlySet<string>> {
  const { registry, sessions, removed, sessionsFolder, files } = sources;
  const found = new Set<string>();
  const models = await registry.models({ limit: Number.MAX_SAFE_INTEGER });
  collect(JSON.stringify(models.filter(({ metadata }) => !removed.has(metadata.session_id))), found);
  await collectRecords(registry, sessions, found);
  for (const session of await namesIn(sessionsFolder, files)) {
    if (!removed.has(session)) await collectSession(join(sessionsFolder, session), found, files);
  }
  return followed(sources, found);
}

/** The hashes of all artifacts that some sessions refer to, whoever else does. */
export async function hashesOfSessions(
  sources: References,
  sessions: readonly SessionRecord[],
): Promise<ReadonlySet<string>> {
  const { registry, sessionsFolder, files } = sources;
  const found = new Set<string>();
  await collectRecords(registry, sessions, found);
  for (const { id } of sessions) {
    collect(JSON.stringify(await registry.models({ session: id, limit: Number.MAX_SAFE_INTEGER })), found);
    await collectSession(join(sessionsFolder, id), found, files);
  }
  return followed(sources, found);
}

async function collectRecords(
  registry: Registry,
  sessions: readonly SessionRecord[],
  found: Set<string>,
): Promise<void> {
  for (const { id } of sessions) {
    collect(JSON.stringify([await registry.phases(id), await registry.handoffs(id)]), found);
  }
}

/** Documents among the artifacts found refer to others. A Set visits what is added while it is walked. */
async function followed({ address, files }: References, found: Set<string>): Promise<ReadonlySet<string>> {
  for (const hash of found) await collectDocument(address(hash), found, files);
  return found;
}

/** JSON files of one session. Reading may follow a link to where the session was moved; only removing may not. */
async function collectSession(folder: string, found: Set<string>, files: FileSystem): Promise<void> {
  const real = await files.realpath(folder).catch(() => folder);
  for await (const { path, kind } of walk(real, files)) {
    if (kind === 'file' && path.endsWith('.json')) await collectFile(path, found, files);
  }
}

/** Follow an artifact that is a JSON document. */
async function collectDocument(path: string, found: Set<string>, files: FileSystem): Promise<void> {
  if (/^\s*[[{]/.test(await firstCharacters(path, files))) await collectFile(path, found, files);
}

async function firstCharacters(path: string, files: FileSystem): Promise<string> {
  try {
    const handle = await openRegularFile(path, files);
    try {
      const bytes = new Uint8Array(16);
      const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, 0);
      return Buffer.from(bytes.subarray(0, bytesRead)).toString('latin1');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

async function collectFile(path: string, found: Set<string>, files: FileSystem): Promise<void> {
  try {
    let rest = '';
    for await (const chunk of readChunks(path, files)) {
      const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
      collect(text, found);
      rest = text.slice(-OVERLAP);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function collect(text: string, found: Set<string>): void {
  for (const [hash] of text.matchAll(HASH)) found.add(hash);
}

/** Where artifacts lie below a folder. */
export function artifactAddress(artifacts: string): (hash: string) => string {
  return (hash) => join(artifacts, 'sha256', hash.slice(0, 2), hash);
}
