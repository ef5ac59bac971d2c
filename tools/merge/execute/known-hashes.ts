import { nodeFileSystem, type FileSystem } from '../../../storage/file-system.js';
import { writeFileAtomic } from '../../../storage/atomic-write.js';
import { readText } from '../../../storage/regular-file.js';
import { identityOf, isSameIdentity, type FileIdentity } from '../checkpoints/file-identity.js';

/** A file that was changed less than this before it was hashed may have been changed again within the same tick. */
const RACY_MS = 2000;

/** Files that are remembered, the newest. */
const MOST = 2000;

interface KnownHash extends FileIdentity {
  readonly sha256: string;
}

/**
 * Hashes of files from earlier merges, kept in a JSON file. Who tries recipe after recipe on the same models hashes them
 * once: reading and hashing a model takes longer than merging it. A file counts as the same while its length, its inode
 * and the nanoseconds of its last change are (the rule that git goes by).
 */
export class KnownHashes {
  private learnt = false;

  private constructor(
    private readonly path: string | null,
    private readonly known: Map<string, KnownHash>,
    private readonly files: FileSystem,
  ) {}

  /** @param path where they are kept; null: nowhere, and every file is hashed */
  static async open(path: string | null, files: FileSystem = nodeFileSystem): Promise<KnownHashes> {
    return new KnownHashes(
      path,
      path === null ? new Map<string, KnownHash>() : await load(path, files),
      files,
    );
  }

  /** The hash of a file, computed only when it is not known. */
  async hash(
    file: string,
    compute: () => Promise<string>,
  ): Promise<{ readonly bytes: number; readonly sha256: string }> {
    const identity = await identityOf(file, this.files);
    const bytes = Number(identity.bytes);
    const known = this.known.get(file);
    if (known !== undefined && isSameIdentity(known, identity)) return { bytes, sha256: known.sha256 };
    const racy = Date.now() - Number(identity.modified) / 1e6 < RACY_MS;
    const sha256 = await compute();
    const after = await identityOf(file, this.files);
    this.known.delete(file);
    if (!racy && isSameIdentity(after, identity)) {
      this.known.set(file, { ...identity, sha256 });
      this.learnt = true;
    }
    return { bytes, sha256 };
  }

  /** Keep what was learnt, where there was something. Another merge that does the same at the same time may win; that costs time, nothing else. */
  async save(): Promise<void> {
    if (this.path === null || !this.learnt) return;
    const entries = [...this.known].slice(-MOST);
    const text = `${JSON.stringify(Object.fromEntries(entries))}\n`;
    // A folder that cannot be written costs the next merge some time; that is no reason to stop this one.
    await writeFileAtomic(this.path, text, this.files).catch(() => undefined);
  }
}

/** A file that cannot be read or understood is as good as none. */
async function load(path: string, files: FileSystem): Promise<Map<string, KnownHash>> {
  try {
    const value: unknown = JSON.parse(await readText(path, files));
    if (typeof value !== 'object' || value === null) return new Map();
    return new Map(
      Object.entries(value).filter((entry): entry is [string, KnownHash] => isKnownHash(entry[1])),
    );
  } catch {
    return new Map();
  }
}

function isKnownHash(value: unknown): value is KnownHash {
  if (typeof value !== 'object' || value === null) return false;
  const { sha256, ...identity } = value as Record<string, unknown>;
  const texts = ['bytes', 'modified', 'changed', 'inode'].every((key) => typeof identity[key] === 'string');
  return texts && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}
