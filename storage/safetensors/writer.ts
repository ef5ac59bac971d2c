import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { ForgeError } from '../../errors/index.js';
import type { HostArray } from '../../contracts/tensor.js';
import { nodeFileSystem, type FileSystem } from '../file-system.js';
import { makeFolder } from '../folders.js';
import { PendingFile } from '../pending-file.js';
import { bitsOf, type StoredDtype } from './dtypes.js';
import { toBfloat16, toFloat16 } from './half.js';
import { layOut, planError, type FileLayout, type PlacedTensor, type PlannedTensor } from './layout.js';

/** Bytes or elements handled at a time. */
const CHUNK = 1 << 20;

/** Length and hash of a written file. */
export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes the tensors of a plan in any order; the order of the plan's layout needs no second reading for the hash. */
export interface SafetensorsWriter {
  /** Names in the order of the bytes. */
  readonly order: readonly string[];
  /**
   * Write one tensor. Float32Array is narrowed (round to nearest even) for F16 and BF16; Uint8Array is taken as the
   * stored bytes, whatever the dtype.
   * @throws ForgeError AF_SAFETENSORS_PLAN, AF_STORAGE_FULL
   */
  write(name: string, data: HostArray): Promise<void>;
  /** Make the file durable in its place. @throws ForgeError AF_SAFETENSORS_PLAN when a planned tensor is missing */
  finish(): Promise<WrittenFile>;
  /** Remove what was written so far. */
  abort(): Promise<void>;
}

/**
 * Start writing a safetensors file: names, shapes and dtypes first, then the data. Until `finish` the file exists
 * under a temporary name only.
 *
 * @throws ForgeError AF_SAFETENSORS_PLAN, AF_STORAGE_FULL, AF_STORAGE_DENIED
 */
export async function createSafetensorsWriter(
  path: string,
  plan: readonly PlannedTensor[],
  metadata: Readonly<Record<string, string>> = {},
  files: FileSystem = nodeFileSystem,
): Promise<SafetensorsWriter> {
  const layout = layOut(plan, metadata, path);
  await makeFolder(dirname(path), files);
  const pending = await PendingFile.create(dirname(path), path, files);
  const body = await SafetensorsBody.start(pending, layout, path);
  return {
    order: body.order,
    write: (name, data) => body.write(name, data),
    finish: async () => {
      const written = await body.complete();
      await pending.commit(path);
      return written;
    },
    abort: () => pending.abort(),
  };
}

/** The content of a safetensors file going into a pending file. */
export class SafetensorsBody {
  private readonly hash = createHash('sha256');
  /** Bytes from the start that the hash has seen. */
  private hashed = 0;
  private readonly written = new Set<string>();

  private constructor(
    private readonly pending: PendingFile,
    private readonly layout: FileLayout,
    private readonly file: string,
  ) {}

  static async start(pending: PendingFile, layout: FileLayout, file: string): Promise<SafetensorsBody> {
    const body = new SafetensorsBody(pending, layout, file);
    try {
      await body.put(layout.head, 0);
    } catch (error) {
      await pending.abort();
      throw error;
    }
    return body;
  }

  get order(): readonly string[] {
    return [...this.layout.tensors.keys()];
  }

  async write(name: string, data: HostArray): Promise<void> {
    const tensor = this.layout.tensors.get(name);
    if (!tensor) throw planError(this.file, name, 'is not in the plan');
    if (this.written.has(name)) throw planError(this.file, name, 'was written already');
    const narrow = narrowing(tensor.dtype, data);
    checkData(tensor, data, narrow !== null, this.file);
    if (narrow) await this.putNarrowed(data as Float32Array, tensor, narrow);
    else await this.put(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), tensor.begin);
    this.written.add(name);
  }

  /** Check that all was written; gives length and hash. */
  async complete(): Promise<WrittenFile> {
    const missing = this.order.filter((name) => !this.written.has(name));
    if (missing.length > 0) {
      throw new ForgeError(
        'AF_SAFETENSORS_PLAN',
        `${missing.length} planned tensors were not written: ${missing.slice(0, 5).join(', ')}.`,
        {
          at: this.file,
          facts: { missing },
        },
      );
    }
    const buffer = new Uint8Array(CHUNK);
    while (this.hashed < this.layout.fileBytes) {
      const read = await this.pending.read(buffer, this.hashed);
      if (read === 0)
        throw new ForgeError('AF_STORAGE_IO', 'A file became shorter while it was written.', {
          at: this.file,
        });
      this.hash.update(buffer.subarray(0, read));
      this.hashed += read;
    }
    return { bytes: this.layout.fileBytes, sha256: this.hash.digest('hex') };
  }

  private async put(bytes: Uint8Array, position: number): Promise<void> {
    await this.pending.write(bytes, position);
    if (position !== this.hashed) return;
    this.hash.update(bytes);
    this.hashed += bytes.byteLength;
  }

  private async putNarrowed(data: Float32Array, { begin }: PlacedTensor, narrow: Narrow): Promise<void> {
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    const half = new Uint16Array(Math.min(CHUNK, data.length));
    for (let done = 0; done < data.length; done += CHUNK) {
      const part = bits.subarray(done, done + CHUNK);
      narrow(part, half);
      await this.put(new Uint8Array(half.buffer, 0, part.length * 2), begin + done * 2);
    }
  }
}

type Narrow = (bits: Uint32Array, out: Uint16Array) => void;

function narrowing(dtype: StoredDtype, data: HostArray): Narrow | null {
  if (!(data instanceof Float32Array)) return null;
  return dtype === 'F16' ? toFloat16 : dtype === 'BF16' ? toBfloat16 : null;
}

function checkData(tensor: PlacedTensor, data: HostArray, narrowed: boolean, file: string): void {
  const { name, dtype, bytes } = tensor;
  const fits =
    data instanceof Float32Array
      ? narrowed || dtype === 'F32'
      : data instanceof Int32Array
        ? dtype === 'I32'
        : true;
  if (!fits) throw planError(file, name, `is planned as ${dtype} but was given a ${data.constructor.name}`);
  const given = narrowed ? (data.length * bitsOf(dtype)) / 8 : data.byteLength;
  if (given !== bytes) throw planError(file, name, `needs ${bytes} bytes but was given ${given}`);
}
