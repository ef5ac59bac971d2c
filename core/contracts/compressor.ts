import type { Tensor } from '@tensorflow/tfjs';
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

/** What is known of a tensor besides its numbers. */
export interface CompressionHints {
  /**
   * How the matrix is multiplied: x W, or x W^T. What is said of rows is meant of outputs: the columns of a matrix
   * [in, out]. Default `in-out`; tables of embeddings are `out-in`, a row per id.
   */
  readonly layout?: 'in-out' | 'out-in';
  /** Mean square of every input of the matrix, [in], measured on data: the diagonal of its Hessian. */
  readonly inputPower?: ArrayLike<number>;
}

/**
 * A matrix in codes that a kernel multiplies with as they are (MatMulNBits of onnxruntime): weight (n, k) is
 * (code - 2^(bits - 1)) * scale of row n and block floor(k / block).
 */
export interface PackedMatrix {
  /** N */
  readonly out: number;
  /** K */
  readonly in: number;
  readonly bits: 2 | 4 | 8;
  /** Weights of a row that share a scale: a power of two, at least 16. */
  readonly block: number;
  /** [N, ceil(K / block), block * bits / 8], low bits first along the inputs; padding is of code 2^(bits - 1). */
  readonly codes: Uint8Array;
  /** [N, ceil(K / block)] */
  readonly scales: Float32Array;
}

/** A codec of weight tensors. */
export interface Compressor {
  /** Largest relative L2 error `compress` may cause, checked by the conformance suite. */
  readonly maxRelativeError: number;
  /** @param tensor float32; it must not be written to */
  compress(tensor: HostTensor, hints?: CompressionHints): CompressedTensor;
  /** @param compressed from bytes and a header that went through JSON @returns float32 of the same shape */
  decompress(compressed: CompressedTensor): HostTensor;
  /**
   * For training with the format: the values of decompress(compress(w)) in tfjs, whose gradient passes straight through
   * to `weight` (Bengio et al. 2013). Without it nothing can be trained in this format.
   */
  straightThrough?<T extends Tensor>(weight: T, hints?: CompressionHints): T;
  /** The same numbers as codes that a kernel multiplies with; without it a runtime multiplies with floats. */
  packed?(compressed: CompressedTensor): PackedMatrix;
  /** Inputs that share a scale in that kernel, of a matrix of so many; without it all of them. */
  inputBlock?(width: number): number;
  /** Bytes that a tensor of a shape takes, header left out; without it a tensor must be compressed to know. */
  bytes?(shape: readonly number[], hints?: CompressionHints): number;
}

export const COMPRESSOR = createToken<Compressor>('compressor', {
  compress: 'function',
  decompress: 'function',
});
/** Define a compressor plugin. */
export const defineCompressor = defineFor(COMPRESSOR);
