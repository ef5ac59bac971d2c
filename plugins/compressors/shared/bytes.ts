import { ForgeError } from '../../../core/errors/index.js';
import type { HostTensor } from '../../../core/contracts/tensor.js';
import { refuse } from '../../../nn/packing/index.js';

/** Numbers of a tensor. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Codes, then scales. */
export function joined(codes: Uint8Array, scales: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(codes.length + scales.length);
  bytes.set(codes);
  bytes.set(scales, codes.length);
  return bytes;
}

/** Float32 as bytes. */
export function floatBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Bytes as float32, copied: they may lie anywhere. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}

/** @throws ForgeError AF_COMPRESSED_FORMAT where a scale is not a number */
export function requireFiniteScales(format: string, scales: Float32Array): Float32Array {
  const broken = firstBroken(scales);
  if (broken >= 0) refuse(format, `scale ${broken} is ${scales[broken]}`);
  return scales;
}

/** Float weights that were read. @throws ForgeError AF_COMPRESSED_FORMAT where one is no number */
export function requireFiniteFloats(format: string, weights: Float32Array): Float32Array {
  if (firstBroken(weights) >= 0) refuse(format, 'a weight is no number');
  return weights;
}

/** Weights that are not numbers have no codes. @throws ForgeError AF_MODEL_NOT_FINITE */
export function requireFiniteWeights({ shape, data }: HostTensor): void {
  const broken = firstBroken(data);
  if (broken < 0) return;
  throw new ForgeError(
    'AF_MODEL_NOT_FINITE',
    `Weights of shape [${shape.join(', ')}] cannot be compressed: number ${broken} is ${data[broken]}.`,
    { fix: 'Go back to a checkpoint whose weights are numbers.', facts: { index: broken } },
  );
}

/** Index of the first number that is not finite: only of those the difference to itself is not 0. -1 where all are. */
function firstBroken(values: HostTensor['data']): number {
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) return i;
  return -1;
}
