import { crc32 } from 'node:zlib';
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

/** Bytes of a packed file whose header is any text, with the right checksum unless told otherwise. */
export function fileOf(
  header: string | Uint8Array,
  data = 0,
  changes: {
    readonly magic?: string;
    readonly version?: number;
    readonly length?: bigint;
    readonly crc?: number;
  } = {},
): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(24 + padded + data).fill(0x20, 24, 24 + padded);
  bytes.set(new TextEncoder().encode(changes.magic ?? 'AFPK'));
  bytes.set(json, 24);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, changes.version ?? 1, true);
  view.setBigUint64(8, changes.length ?? BigInt(padded), true);
  const checksum = crc32(bytes.subarray(24, 24 + padded), crc32(bytes.subarray(0, 16)));
  view.setUint32(16, changes.crc ?? checksum, true);
  return bytes;
}
