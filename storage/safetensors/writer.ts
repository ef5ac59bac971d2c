import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { ForgeError } from '../../core/errors/index.js';
import type { HostArray } from '../../core/contracts/tensor.js';
import { nodeFileSystem, type FileSystem } from '../file-system.js';
import { makeFolder } from '../folders.js';
import { PendingFile } from '../pending-file.js';
import { bitsOf, type StoredDtype } from './dtypes.js';
import { toBfloat16, toFloat16 } from '../../core/contracts/half.js';
import { layOut, planError, type FileLayout, type PlacedTensor, type PlannedTensor } from './layout.js';

/** Bytes read back at a time. */
const CHUNK = 1 << 20;

/** Elements narrowed at a time: they and what they become stay in the processor's cache. */
const NARROWED = 1 << 19;

/** Length and hash of a written file. */
export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes the tensors of a plan in any order; the order of the plan's layout needs no second reading for the hash. */
export interface SafetensorsWriter<Written = WrittenFile> {
  /** Names in the order of the bytes. */
  readonly order: readonly string[];
  /**
   * Write one tensor. Float32Array is narrowed (round to nearest even) for F16 and BF16; Uint8Array is taken as the
   * stored bytes, whatever the dtype.
   * @throws ForgeError AF_SAFETENSORS_PLAN, AF_STORAGE_FULL
   */
  write(name: string, data: HostArray): Promise<void>;
  /** As `write`, the next part of a tensor that is given in parts, in order. */
  append(name: string, part: HostArray): Promise<void>;
  /** Make the file durable in its place. @throws ForgeError AF_SAFETENSORS_PLAN when a planned tensor is missing */
  finish(): Promise<Written>;
  /** Remove what was written so far. */
  abort(): Promise<void>;
}

/**
 * Start writing a safetensors file: names, shapes and dtypes first, then the data. Until `finish` the file exists
 * under a temporary name only.
 *
 * @throws ForgeError AF_SAFETENSORS_PLAN, AF_STORAGE_FULL, AF_STORAGE_DENIED
 */
export function createSafetensorsWriter(
  path: string,
  plan: readonly PlannedTensor[],
  metadata: Readonly<Record<string, string>> = {},
  files: FileSystem = nodeFileSystem,
): Promise<SafetensorsWriter> {
  return startWriter({ path, plan, metadata, files, hashed: true }, (body) => body.complete());
}

/** As {@link createSafetensorsWriter}, for large files whose hash nobody asks for: hashing takes longer than writing. */
export function createUnhashedWriter(
  path: string,
  plan: readonly PlannedTensor[],
  metadata: Readonly<Record<string, string>> = {},
  files: FileSystem = nodeFileSystem,
): Promise<SafetensorsWriter<Pick<WrittenFile, 'bytes'>>> {
  return startWriter({ path, plan, metadata, files, hashed: false }, (body) => body.checkComplete());
}

interface WriterSettings {
  readonly path: string;
  readonly plan: readonly PlannedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly files: FileSystem;
  readonly hashed: boolean;
}

async function startWriter<W>(
  { path, plan, metadata, files, hashed }: WriterSettings,
  complete: (body: SafetensorsBody) => W | Promise<W>,
): Promise<SafetensorsWriter<W>> {
  const layout = layOut(plan, metadata, path);
  await makeFolder(dirname(path), files);
  const pending = await PendingFile.create(dirname(path), path, files);
  const body = await SafetensorsBody.start(pending, layout, path, hashed);
  return {
    order: body.order,
    write: (name, data) => body.write(name, data),
    append: (name, part) => body.append(name, part),
    finish: async () => {
      const written = await complete(body);
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
  /** Bytes of each tensor that were written. */
  private readonly written = new Map<string, number>();
  private spare: readonly [Uint16Array, Uint16Array] | null = null;

  private constructor(
    private readonly pending: PendingFile,
    private readonly layout: FileLayout,
    private readonly file: string,
    private readonly isHashed: boolean,
  ) {}

  static async start(
    pending: PendingFile,
    layout: FileLayout,
    file: string,
    isHashed = true,
  ): Promise<SafetensorsBody> {
    const body = new SafetensorsBody(pending, layout, file, isHashed);
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
    const tensor = this.planned(name);
    if (this.written.has(name)) throw planError(this.file, name, 'was written already');
    const bytes = storedBytes(tensor, data, this.file);
    if (bytes !== tensor.bytes)
      throw planError(this.file, name, `needs ${tensor.bytes} bytes but was given ${bytes}`);
    await this.putPart(tensor, data, 0);
  }

  async append(name: string, part: HostArray): Promise<void> {
    const tensor = this.planned(name);
    const bytes = storedBytes(tensor, part, this.file);
    const before = this.written.get(name) ?? 0;
    if (before + bytes > tensor.bytes)
      throw planError(this.file, name, `needs ${tensor.bytes} bytes but was given ${before + bytes}`);
    await this.putPart(tensor, part, before);
  }

  /** Check that all was written; gives length and hash. */
  async complete(): Promise<WrittenFile> {
    return { ...this.checkComplete(), sha256: await this.hashTheRest() };
  }

  /** Check that all was written. */
  checkComplete(): Pick<WrittenFile, 'bytes'> {
    const missing = [...this.layout.tensors.values()].filter(
      ({ name, bytes }) => this.written.get(name) !== bytes,
    );
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name);
      throw new ForgeError(
        'AF_SAFETENSORS_PLAN',
        `${names.length} planned tensors were not written: ${names.slice(0, 5).join(', ')}.`,
        { at: this.file, facts: { missing: names } },
      );
    }
    return { bytes: this.layout.fileBytes };
  }

  private planned(name: string): PlacedTensor {
    const tensor = this.layout.tensors.get(name);
    if (tensor) return tensor;
    throw planError(this.file, name, 'is not in the plan');
  }

  private async putPart(tensor: PlacedTensor, data: HostArray, offset: number): Promise<void> {
    const narrow = narrowing(tensor.dtype, data);
    const begin = tensor.begin + offset;
    const bytes = storedBytes(tensor, data, this.file);
    if (narrow) await this.putNarrowed(data as Float32Array, begin, narrow);
    else await this.put(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), begin);
    this.written.set(tensor.name, offset + bytes);
  }

  private async put(bytes: Uint8Array, position: number): Promise<void> {
    await this.pending.write(bytes, position);
    if (!this.isHashed || position !== this.hashed) return;
    this.hash.update(bytes);
    this.hashed += bytes.byteLength;
  }

  /** One chunk is narrowed while the one before it is written. */
  private async putNarrowed(data: Float32Array, begin: number, narrow: Narrow): Promise<void> {
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    const [here, there] = this.borrow(Math.min(NARROWED, data.length));
    let writing: Promise<void> = Promise.resolve();
    for (let done = 0; done < data.length; done += NARROWED) {
      const part = bits.subarray(done, done + NARROWED);
      const half = (done / NARROWED) % 2 === 0 ? here : there;
      narrow(part, half);
      await writing;
      writing = this.put(new Uint8Array(half.buffer, 0, part.length * 2), begin + done * 2);
    }
    await writing;
    this.spare = [here, there];
  }

  /** Memory for narrowed numbers, used again by the next tensor: a page touched for the first time is slow. */
  private borrow(length: number): readonly [Uint16Array, Uint16Array] {
    const { spare } = this;
    this.spare = null;
    return spare !== null && spare[0].length >= length
      ? spare
      : [new Uint16Array(length), new Uint16Array(length)];
  }

  /** What was not written in the order of the bytes is read back. */
  private async hashTheRest(): Promise<string> {
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
    return this.hash.digest('hex');
  }
}

type Narrow = (bits: Uint32Array, out: Uint16Array) => void;

function narrowing(dtype: StoredDtype, data: HostArray): Narrow | null {
  if (!(data instanceof Float32Array)) return null;
  return dtype === 'F16' ? toFloat16 : dtype === 'BF16' ? toBfloat16 : null;
}

/** Bytes that `data` takes in the file. @throws ForgeError AF_SAFETENSORS_PLAN when it is of another type */
function storedBytes({ name, dtype }: PlacedTensor, data: HostArray, file: string): number {
  const narrowed = narrowing(dtype, data) !== null;
  const fits =
    data instanceof Float32Array
      ? narrowed || dtype === 'F32'
      : data instanceof Int32Array
        ? dtype === 'I32'
        : true;
  if (!fits) throw planError(file, name, `is planned as ${dtype} but was given a ${data.constructor.name}`);
  return narrowed ? (data.length * bitsOf(dtype)) / 8 : data.byteLength;
}
