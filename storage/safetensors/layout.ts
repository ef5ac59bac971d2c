import { ForgeError } from '../../core/errors/index.js';
import { bytesOf, rankOf, type StoredDtype } from './dtypes.js';
import { MAX_HEADER_BYTES } from './header.js';

/** A tensor to be written. */
export interface PlannedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
}

/** Where a planned tensor goes; `begin` counts from the start of the file. */
export interface PlacedTensor extends PlannedTensor {
  readonly begin: number;
  readonly bytes: number;
}

export interface FileLayout {
  /** Length, header and padding: everything before the data. */
  readonly head: Uint8Array;
  /** By name, in the order of the bytes. */
  readonly tensors: ReadonlyMap<string, PlacedTensor>;
  readonly fileBytes: number;
}

/**
 * Lay a file out as the reference writer does: wide types first, then by name, the header padded with spaces so
 * that the data starts at a multiple of eight.
 *
 * @throws ForgeError AF_SAFETENSORS_PLAN on equal names, impossible shapes or a header beyond the limit
 */
export function layOut(
  plan: readonly PlannedTensor[],
  metadata: Readonly<Record<string, string>>,
  file: string,
): FileLayout {
  const header: Record<string, unknown>[] = [];
  const placed: { tensor: PlannedTensor; offset: number; bytes: number }[] = [];
  let offset = 0;
  for (const tensor of [...plan].sort(inReferenceOrder)) {
    const bytes = bytesOf(tensor.dtype, tensor.shape);
    if (bytes === null || tensor.shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
      throw planError(file, tensor.name, `has the impossible shape [${tensor.shape.join(', ')}]`);
    }
    placed.push({ tensor, offset, bytes });
    header.push({ dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, offset + bytes] });
    offset += bytes;
  }
  const head = encodeHead(
    placed.map(({ tensor }, i) => [tensor.name, header[i]]),
    metadata,
    file,
  );
  const tensors = new Map<string, PlacedTensor>();
  for (const { tensor, offset: start, bytes } of placed) {
    if (tensors.has(tensor.name)) throw planError(file, tensor.name, 'is planned twice');
    if (tensor.name === '__metadata__' || tensor.name === '__proto__')
      throw planError(file, tensor.name, 'has a reserved name');
    tensors.set(tensor.name, { ...tensor, begin: head.byteLength + start, bytes });
  }
  return { head, tensors, fileBytes: head.byteLength + offset };
}

/** An error about one tensor of a plan. */
export function planError(file: string, tensor: string, reason: string): ForgeError {
  return new ForgeError('AF_SAFETENSORS_PLAN', `Tensor ${JSON.stringify(tensor)} ${reason}.`, {
    at: file,
    facts: { tensor },
  });
}

/** By hand instead of one object: integer-like names would jump to the front of an object's keys. */
function encodeHead(
  entries: readonly (readonly [string, unknown])[],
  metadata: Readonly<Record<string, string>>,
  file: string,
): Uint8Array {
  const all =
    Object.keys(metadata).length > 0 ? [['__metadata__', sorted(metadata)] as const, ...entries] : entries;
  const text = `{${all.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
  const json = Buffer.from(text);
  const length = Math.ceil(json.byteLength / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    throw new ForgeError(
      'AF_SAFETENSORS_PLAN',
      `The header would need ${length} bytes; the format allows ${MAX_HEADER_BYTES}.`,
      {
        at: file,
      },
    );
  }
  const head = new Uint8Array(8 + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  return head;
}

/** Metadata in the order of its keys: equal content gives equal bytes. */
function sorted(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function inReferenceOrder(a: PlannedTensor, b: PlannedTensor): number {
  return rankOf(b.dtype) - rankOf(a.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}
