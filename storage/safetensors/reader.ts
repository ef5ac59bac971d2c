import { ForgeError } from '../../core/errors/index.js';
import type { HostArray, HostTensor, TensorDict } from '../../core/contracts/tensor.js';
import { nodeFileSystem, type FileSystem } from '../file-system.js';
import { convertElements } from './convert.js';
import { bitsOf, hostDtypeOf } from './dtypes.js';
import { headerLength, parseHeader, type SafetensorsEntry, type SafetensorsHeader } from './header.js';
import { fileSource, memorySource, type ByteSource } from './source.js';

/** Elements converted at a time: they and what they become stay in the processor's cache. */
const CHUNK_ELEMENTS = 1 << 17;

/** An open safetensors file. Only what is asked for is read. */
export interface SafetensorsReader {
  /** Where it was read from, for messages. */
  readonly file: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order of the bytes. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  /**
   * One tensor as float32 (from F64, F32, F16, BF16), int32 (from integers that fit) or bool.
   * @throws ForgeError AF_SAFETENSORS_NOT_FOUND, AF_SAFETENSORS_DTYPE
   */
  read(name: string): Promise<HostTensor>;
  /** The stored bytes of one tensor, whatever its dtype. */
  readRaw(name: string): Promise<Uint8Array>;
  /**
   * As `read`, into an array of the right type and length.
   * @param first element to start at, for a part of the tensor as long as `target`; without it all is read
   */
  readInto(name: string, target: HostArray, first?: number): Promise<void>;
  close(): Promise<void>;
}

/** Open a safetensors file. @throws ForgeError AF_SAFETENSORS_FORMAT naming the file and the tensor */
export async function openSafetensors(
  path: string,
  files: FileSystem = nodeFileSystem,
): Promise<SafetensorsReader> {
  return openSource(await fileSource(path, files), path);
}

/** Open a safetensors file that is in memory. `label` is what messages call it. */
export function openSafetensorsBytes(bytes: Uint8Array, label: string): Promise<SafetensorsReader> {
  return openSource(memorySource(bytes), label);
}

/** All tensors, in the order of the bytes or in the one given. */
export async function readAllTensors(
  reader: SafetensorsReader,
  order?: readonly string[],
): Promise<TensorDict> {
  const tensors: TensorDict = {};
  for (const name of order ?? reader.entries.keys()) tensors[name] = await reader.read(name);
  return tensors;
}

async function openSource(source: ByteSource, file: string): Promise<SafetensorsReader> {
  try {
    const first = new Uint8Array(8);
    const length = headerLength(first.subarray(0, await source.read(first, 0)), source.bytes, file);
    const header = new Uint8Array(length);
    await source.read(header, 8);
    return new SourceReader(source, file, parseHeader(header, source.bytes, file));
  } catch (error) {
    await source.close();
    throw error;
  }
}

class SourceReader implements SafetensorsReader {
  readonly metadata;
  readonly entries;
  private spare: ArrayBuffer | null = null;

  constructor(
    private readonly source: ByteSource,
    readonly file: string,
    header: SafetensorsHeader,
  ) {
    this.metadata = header.metadata;
    this.entries = header.entries;
  }

  async read(name: string): Promise<HostTensor> {
    const { dtype: stored, shape, begin, end } = this.entry(name);
    const dtype = hostDtypeOf(stored);
    if (dtype === null) throw this.dtypeError(name, `${stored} can only be read as raw bytes`);
    const elements = ((end - begin) * 8) / bitsOf(stored);
    const data =
      dtype === 'float32'
        ? new Float32Array(elements)
        : dtype === 'int32'
          ? new Int32Array(elements)
          : new Uint8Array(elements);
    await this.readInto(name, data);
    return { shape, dtype, data };
  }

  async readRaw(name: string): Promise<Uint8Array> {
    const { begin, end } = this.entry(name);
    const bytes = new Uint8Array(end - begin);
    await this.fill(bytes, begin, name);
    return bytes;
  }

  async readInto(name: string, target: HostArray, first?: number): Promise<void> {
    const entry = this.entry(name);
    this.checkTarget(entry, target, first);
    const width = bitsOf(entry.dtype) / 8;
    const begin = entry.begin + (first ?? 0) * width;
    if (isSameLayout(entry, target)) {
      await this.fill(new Uint8Array(target.buffer, target.byteOffset, target.byteLength), begin, name);
      if (entry.dtype === 'BOOL')
        this.refuse(
          entry,
          target.findIndex((value: number) => value > 1),
        );
      return;
    }
    const buffer = this.borrow(Math.min(CHUNK_ELEMENTS, target.length) * width);
    for (let done = 0; done < target.length; done += CHUNK_ELEMENTS) {
      const part = target.subarray(done, done + CHUNK_ELEMENTS);
      await this.fill(new Uint8Array(buffer, 0, part.length * width), begin + done * width, name);
      const bad = convertElements(entry.dtype, buffer, part);
      this.refuse(entry, bad < 0 ? bad : done + bad);
    }
    this.spare = buffer;
  }

  /** Memory for stored bytes, used again by the next read: a page touched for the first time is slow. */
  private borrow(bytes: number): ArrayBuffer {
    const { spare } = this;
    this.spare = null;
    return spare !== null && spare.byteLength >= bytes ? spare : new ArrayBuffer(bytes);
  }

  close(): Promise<void> {
    return this.source.close();
  }

  private entry(name: string): SafetensorsEntry {
    const entry = this.entries.get(name);
    if (entry) return entry;
    throw new ForgeError(
      'AF_SAFETENSORS_NOT_FOUND',
      `There is no tensor ${JSON.stringify(name)} in the file.`,
      {
        at: this.file,
        facts: { tensor: name, tensors: [...this.entries.keys()].slice(0, 100) },
      },
    );
  }

  private checkTarget(
    { name, dtype, begin, end }: SafetensorsEntry,
    target: HostArray,
    first: number | undefined,
  ): void {
    const host = hostDtypeOf(dtype);
    const found =
      target instanceof Float32Array ? 'float32' : target instanceof Int32Array ? 'int32' : 'bool';
    if (host !== found) throw this.dtypeError(name, `${dtype} cannot be read into a ${found} array`);
    const elements = ((end - begin) * 8) / bitsOf(dtype);
    const fits = first === undefined ? elements === target.length : first + target.length <= elements;
    if (!fits) throw this.dtypeError(name, `${elements} elements do not fit an array of ${target.length}`);
  }

  private refuse({ name, dtype }: SafetensorsEntry, index: number): void {
    if (index < 0) return;
    const limit = dtype === 'BOOL' ? 'is neither 0 nor 1' : 'does not fit 32-bit integers';
    throw this.dtypeError(name, `element ${index} of type ${dtype} ${limit}`);
  }

  private async fill(target: Uint8Array, position: number, name: string): Promise<void> {
    if ((await this.source.read(target, position)) === target.byteLength) return;
    throw new ForgeError(
      'AF_SAFETENSORS_FORMAT',
      `Tensor ${JSON.stringify(name)}: the file became shorter while it was read.`,
      {
        at: this.file,
        facts: { tensor: name },
      },
    );
  }

  private dtypeError(tensor: string, reason: string): ForgeError {
    return new ForgeError('AF_SAFETENSORS_DTYPE', `Tensor ${JSON.stringify(tensor)}: ${reason}.`, {
      at: this.file,
      facts: { tensor },
    });
  }
}

function isSameLayout({ dtype }: SafetensorsEntry, target: HostArray): boolean {
  if (target instanceof Float32Array) return dtype === 'F32';
  if (target instanceof Int32Array) return dtype === 'I32';
  return dtype === 'BOOL';
}
