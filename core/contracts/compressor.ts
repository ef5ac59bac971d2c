import { defineFor } from './plugin.js';
import type { HostTensor } from './tensor.js';
import { createToken } from './token.js';

/** A compressed tensor as bytes plus what is needed to read them. */
export interface CompressedTensor {
  /** Of the tensor, not of the bytes. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  /** What `decompress` needs besides; JSON. */
  readonly header: Readonly<Record<string, number | string | readonly number[]>>;
}

/** A codec of weight tensors. */
export interface Compressor {
  /** Largest relative L2 error `compress` may cause, checked by the conformance suite. */
  readonly maxRelativeError: number;
  /** @param tensor float32; it must not be written to */
  compress(tensor: HostTensor): CompressedTensor;
  /** @param compressed from bytes and a header that went through JSON @returns float32 of the same shape */
  decompress(compressed: CompressedTensor): HostTensor;
}

export const COMPRESSOR = createToken<Compressor>('compressor', {
  compress: 'function',
  decompress: 'function',
});
/** Define a compressor plugin. */
export const defineCompressor = defineFor(COMPRESSOR);
