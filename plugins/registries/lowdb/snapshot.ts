import { join } from 'node:path';
import type { Adapter } from 'lowdb';
import { loadSchema } from '../../../core/contracts/load-schema.js';
import type { ModelRef } from '../../../core/contracts/model.js';
import type { HandoffRecord, PhaseRecord, SessionRecord } from '../../../core/contracts/registry.js';
import { ForgeError, isForgeError } from '../../../core/errors/index.js';
import type { FileSystem } from '../../../storage/file-system.js';
import { isMissing } from '../../../storage/file-system.js';
import { sha256 } from '../../../storage/hashing.js';
import { isObject } from '../../../storage/is-object.js';
import { storageError } from '../../../storage/io-error.js';
import { readText } from '../../../storage/regular-file.js';
import { temporaryName } from '../../../storage/temporary.js';
import { writeFileAtomic } from '../../../storage/atomic-write.js';
import { compileValidator, type Validator } from '../../../storage/validate.js';

/** The collections, in order of insertion. */
export interface Collections {
  sessions: SessionRecord[];
  phases: PhaseRecord[];
  models: ModelRef[];
  handoffs: HandoffRecord[];
}

/** What registry.json holds. */
interface Snapshot {
  readonly schema_version: number;
  /** Of `<schema_version> <JSON text of data>`: catches damage that still is valid JSON. Every version keeps this. */
  readonly sha256: string;
  readonly data: Collections;
}

/** 2: models with metadata of version 2. Records of version 1 stay as they are. */
const VERSION = 2;

export type RegistryWarning = (message: string, facts: Readonly<Record<string, unknown>>) => void;

/** A registry without records. */
export function emptyCollections(): Collections {
  return { sessions: [], phases: [], models: [], handoffs: [] };
}

/** A validator of the collections (schemas/registry.schema.json). */
export function registryValidator(): Promise<Validator> {
  return compileValidator(
    loadSchema('registry.schema.json'),
    [loadSchema('model-metadata.schema.json')],
    'registry',
  );
}

/**
 * lowdb adapter: one JSON snapshot, validated and hashed, replaced atomically, the one before kept as `.bak`.
 *
 * There is no journal of mutations. It would save writing the snapshot again on each of the few dozen mutations of a
 * run (2 ms at 10 models, 25 ms at 1,000, measured), and cost a second format, replay, folding and its own torn tails.
 */
export class SnapshotFile implements Adapter<Collections> {
  readonly path: string;
  private readonly backup: string;

  constructor(
    private readonly folder: string,
    private readonly validate: Validator,
    private readonly warn: RegistryWarning,
    private readonly files: FileSystem,
  ) {
    this.path = join(folder, 'registry.json');
    this.backup = join(folder, 'registry.json.bak');
  }

  /**
   * The newest intact collections; null for a registry that was never written.
   * @throws ForgeError AF_REGISTRY_CORRUPT when neither snapshot is intact, AF_REGISTRY_VERSION
   */
  async read(): Promise<Collections | null> {
    const current = await this.load(this.path);
    if (current !== null && !isForgeError(current)) return current;
    const previous = await this.load(this.backup);
    if (current === null && previous === null) return null;
    const reason = current?.message ?? 'The registry is missing although it had been written.';
    if (previous === null || isForgeError(previous)) {
      throw new ForgeError('AF_REGISTRY_CORRUPT', `${reason} There is no intact previous snapshot either.`, {
        at: this.path,
        fix: 'Move the registry folder away to start with an empty one; artifacts and sessions are not touched by that.',
        cause: current,
        problems: previous === null ? [] : [{ at: this.backup, message: previous.message }],
      });
    }
    this.warn(`${reason} Using the previous snapshot: the last change may be lost.`, {
      at: this.path,
      used: this.backup,
    });
    return previous;
  }

  /** Replace the snapshot. @throws ForgeError AF_REGISTRY_INVALID, AF_STORAGE_FULL with the old one untouched */
  async write(data: Collections): Promise<void> {
    const problems = this.validate(data);
    if (problems.length > 0) {
      throw new ForgeError(
        'AF_REGISTRY_INVALID',
        `The record does not fit the registry: ${problems[0]?.at} ${problems[0]?.message}.`,
        {
          at: this.path,
          problems,
        },
      );
    }
    const text = JSON.stringify(data);
    const content = `{"schema_version":${VERSION},"sha256":"${sha256(`${VERSION} ${text}`)}","data":${text}}\n`;
    await this.keepCurrent();
    await writeFileAtomic(this.path, content, this.files);
  }

  /** The current snapshot becomes the previous one if it is intact, otherwise it is set aside. */
  private async keepCurrent(): Promise<void> {
    const current = await this.load(this.path);
    if (current === null) return;
    const target = isForgeError(current) ? `${this.path}.damaged` : this.backup;
    const temporary = join(this.folder, temporaryName());
    try {
      // A hard link costs nothing and never leaves the current name empty.
      await this.files.link(this.path, temporary).catch(() => this.files.copyFile(this.path, temporary));
      await this.files.rename(temporary, target);
    } catch (error) {
      throw storageError(error, 'keep the previous snapshot', target);
    } finally {
      // Also after success: renaming one link of a file over another leaves both.
      await this.files.rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  private async load(path: string): Promise<Collections | ForgeError | null> {
    let text: string;
    try {
      text = await readText(path, this.files);
    } catch (error) {
      if (isMissing(error)) return null;
      throw storageError(error, 'read the registry', path);
    }
    const snapshot = parse(text);
    if (typeof snapshot === 'string') return corrupt(path, snapshot);
    const { schema_version: version, data } = snapshot;
    if (sha256(`${version} ${JSON.stringify(data)}`) !== snapshot.sha256) {
      return corrupt(path, 'its content does not match its hash');
    }
    if (version > VERSION) throw newerVersion(path, version);
    const [problem] = this.validate(data);
    return problem ? corrupt(path, `${problem.at} ${problem.message}`) : data;
  }
}

function parse(text: string): Snapshot | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const isSnapshot = isObject(value) && Number.isInteger(value['schema_version']) && isObject(value['data']);
  return isSnapshot ? (value as unknown as Snapshot) : 'it has no schema_version or no data';
}

function newerVersion(path: string, version: number): ForgeError {
  return new ForgeError(
    'AF_REGISTRY_VERSION',
    `The registry has schema version ${version}; this agentforge knows ${VERSION}.`,
    { at: path, fix: 'Update agentforge, or set storage.root to another folder.' },
  );
}

function corrupt(path: string, reason: string): ForgeError {
  return new ForgeError('AF_REGISTRY_CORRUPT', `The registry is damaged: ${reason}.`, { at: path });
}
