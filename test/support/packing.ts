import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { PackedMatrix } from '../../core/contracts/compressor.js';
import type { RandomStream } from '../../core/contracts/merge.js';
import type { HostTensor, TensorDict } from '../../core/contracts/tensor.js';
import { codesOf, fastBlock, hintsOf, unpackedMatrix } from '../../nn/quantization/index.js';
import { stream } from '../../nn/random/index.js';

/** Seeded codes (-1, 0, 1 for 2 bits) with scales of their own per block. */
export function randomPacked(
  shape: Pick<PackedMatrix, 'out' | 'in' | 'bits' | 'block'>,
  seed = 1,
  scale: (random: RandomStream) => number = (random) => 0.5 + random.uniform(),
): PackedMatrix {
  const numbers = stream(seed, 'codes');
  const zero = 1 << (shape.bits - 1);
  const most = shape.bits === 2 ? 1 : zero - 1;
  const blocks = Math.ceil(shape.in / shape.block);
  const padded = blocks * shape.block;
  const codes = codesOf(shape.out * padded, shape.bits, (i) =>
    i % padded < shape.in ? zero - most + numbers.integer(2 * most + 1) : zero,
  );
  return { ...shape, codes, scales: Float32Array.from({ length: shape.out * blocks }, () => scale(numbers)) };
}

/** Rounded to the nearest with a scale per row of outputs; with 2 bits to -1, 0 and 1. */
export function packedNearest(
  { shape, data }: HostTensor,
  layout: 'in-out' | 'out-in' | undefined,
  bits: PackedMatrix['bits'],
): PackedMatrix {
  const [first, second] = shape as [number, number];
  const [out, width] = layout === 'out-in' ? [first, second] : [second, first];
  const weight = (row: number, k: number): number =>
    data[layout === 'out-in' ? row * second + k : k * second + row]!;
  const most = bits === 2 ? 1 : 2 ** (bits - 1) - 1;
  const peaks = Array.from({ length: out }, (_, row) =>
    Math.max(...Array.from({ length: width }, (_, k) => Math.abs(weight(row, k)))),
  );
  const block = fastBlock(width);
  const padded = Math.ceil(width / block) * block;
  const scaleOf = (row: number): number => Math.fround(peaks[row]! / most / (bits === 2 ? 2 : 1));
  const codes = codesOf(out * padded, bits, (i) => {
    const [row, k] = [Math.floor(i / padded), i % padded];
    const code = k < width ? Math.round(weight(row, k) / scaleOf(row)) : 0;
    return Math.max(-most, Math.min(most, code)) + (1 << (bits - 1));
  });
  const scales = Float32Array.from({ length: (out * padded) / block }, (_, i) =>
    scaleOf(Math.floor((i * block) / padded)),
  );
  return { out, in: width, bits, block, codes, scales };
}

/** Linear matrices in 2 bits, tables and heads in 8. */
export function packedTensors(
  tensors: readonly TensorDescription[],
  weights: TensorDict,
): Record<string, PackedMatrix> {
  const isTable = ({ role }: TensorDescription): boolean => role === 'embedding' || role === 'output-head';
  return Object.fromEntries(
    tensors
      .filter((tensor) => isTable(tensor) || (tensor.linear === true && tensor.shape.length === 2))
      .map((tensor) => [
        tensor.name,
        packedNearest(weights[tensor.name]!, hintsOf(tensor).layout, isTable(tensor) ? 8 : 2),
      ]),
  );
}

/** The weights with what the codes stand for in place of the matrices. */
export function dequantised(
  tensors: readonly TensorDescription[],
  weights: TensorDict,
  packed: Readonly<Record<string, PackedMatrix>>,
): TensorDict {
  const floats = tensors.flatMap((tensor) => {
    const matrix = packed[tensor.name];
    if (matrix === undefined) return [];
    const { out, in: width } = matrix;
    const rows = unpackedMatrix(matrix);
    const data =
      hintsOf(tensor).layout === 'out-in'
        ? rows
        : Float32Array.from(
            { length: rows.length },
            (_, i) => rows[(i % out) * width + Math.floor(i / out)]!,
          );
    return [[tensor.name, { dtype: 'float32', shape: tensor.shape, data }] as const];
  });
  return { ...weights, ...Object.fromEntries(floats) };
}
