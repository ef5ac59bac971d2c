import { crc32, deflateSync, inflateSync } from 'node:zlib';
import type { PackedModel } from '../../../storage/packed/index.js';

/** A small model with every kind of part. */
export const MODEL: PackedModel = {
  config: {
    architecture: 'llama',
    hyperparameters: { width: 4, layers: [1, 2] },
    quantization: {
      ...{ weights: 'applied', activations: 'int8', norms: ['o'], epsilon: 1e-5 },
      formats: { o: { use: 'ternary', options: { granularity: 'row' } } },
    },
  },
  tensors: [
    {
      ...{ name: 'o', role: 'attention-output', format: { use: 'ternary', options: { granularity: 'row' } } },
      compressed: {
        shape: [2, 3],
        header: { layout: 'in-out', steps: [1, 2] },
        bytes: Uint8Array.of(1, 2, 3, 4, 5),
      },
    },
    {
      ...{ name: 'empty', role: 'bias', format: { use: 'float32' } },
      compressed: { shape: [0], header: {}, bytes: new Uint8Array(0) },
    },
    {
      ...{ name: 'norm', role: 'norm', format: { use: 'float16' } },
      compressed: { shape: [4], header: {}, bytes: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1) },
    },
  ],
  facts: { perplexity: 3.5, recovered: NaN, note: 'ä', nested: { b: 1, a: [null, true] } },
  extras: { 'tokenizer.json': Uint8Array.of(0x7b, 0x7d) },
};

/**
 * Bytes of a packed file whose header is any text, with the right checksum unless told otherwise.
 * @param header text, or bytes to deflate
 */
export function fileOf(
  header: string | Uint8Array,
  data = 0,
  changes: {
    readonly magic?: string;
    readonly version?: number;
    readonly length?: bigint;
    readonly crc?: number;
    /** Of the header, in place of its zlib stream. */
    readonly stored?: (stream: Uint8Array) => Uint8Array;
  } = {},
): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const stream = deflateSync(json, { level: 9 });
  const stored = changes.stored?.(stream) ?? stream;
  const end = 24 + stored.length;
  const bytes = new Uint8Array(Math.ceil(end / 8) * 8 + data);
  bytes.set(new TextEncoder().encode(changes.magic ?? 'AFPK'));
  bytes.set(stored, 24);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, changes.version ?? 1, true);
  view.setBigUint64(8, changes.length ?? BigInt(stored.length), true);
  const checksum = crc32(bytes.subarray(24, end), crc32(bytes.subarray(0, 16)));
  view.setUint32(16, changes.crc ?? checksum, true);
  return bytes;
}

/** The text of a file's header. */
export function headerOf(bytes: Uint8Array): string {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8, true));
  return inflateSync(bytes.subarray(24, 24 + length)).toString();
}

/** Where the streams of a file start. */
export function streamsAt(bytes: Uint8Array): number {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8, true));
  return Math.ceil((24 + length) / 8) * 8;
}
