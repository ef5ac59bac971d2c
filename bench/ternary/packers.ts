import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { PackedMatrix } from '../../core/contracts/compressor.js';
import type { HostTensor, TensorDict } from '../../core/contracts/tensor.js';
import { codesOf, fastBlock, hintsOf, PUBLISHED, ternary } from '../../nn/quantization/index.js';

/** A matrix read as outputs times inputs. */
interface Rows {
  readonly out: number;
  readonly in: number;
  readonly weight: (row: number, k: number) => number;
}

function rowsOf({ shape, data }: HostTensor, layout: 'in-out' | 'out-in' | undefined): Rows {
  const [first, second] = shape as [number, number];
  return layout === 'out-in'
    ? { out: first, in: second, weight: (row, k) => data[row * second + k]! }
    : { out: second, in: first, weight: (row, k) => data[k * second + row]! };
}

/** Ternary codes with one scale for the tensor. */
export function packTernary(tensor: HostTensor, layout?: 'in-out' | 'out-in'): PackedMatrix {
  const { codes, scales } = ternary(tensor, PUBLISHED);
  const rows = rowsOf({ ...tensor, data: Int32Array.from(codes), dtype: 'int32' }, layout);
  return packed(rows, 2, (row, k) => rows.weight(row, k), () => scales[0]!); // prettier-ignore
}

/** Codes of 4 or 8 bits, rounded to the nearest with a scale per row. */
export function packRows(tensor: HostTensor, layout: 'in-out' | 'out-in' | undefined, bits: 4 | 8) {
  const rows = rowsOf(tensor, layout);
  const most = 2 ** (bits - 1) - 1;
  const scales = Float32Array.from({ length: rows.out }, (_, row) => {
    let peak = 1e-12;
    for (let k = 0; k < rows.in; k++) peak = Math.max(peak, Math.abs(rows.weight(row, k)));
    return peak / most;
  });
  const code = (row: number, k: number): number => Math.round(rows.weight(row, k) / scales[row]!);
  return packed(rows, bits, code, (row) => scales[row]!);
}

function packed(
  { out, in: width }: Rows,
  bits: PackedMatrix['bits'],
  code: (row: number, k: number) => number,
  scale: (row: number) => number,
): PackedMatrix {
  const block = fastBlock(width);
  const blocks = Math.ceil(width / block);
  const zero = 1 << (bits - 1);
  const codes = codesOf(out * blocks * block, bits, (i) => {
    const [row, k] = [Math.floor(i / (blocks * block)), i % (blocks * block)];
    return k < width ? code(row, k) + zero : zero;
  });
  const scales = Float32Array.from({ length: out * blocks }, (_, i) => scale(Math.floor(i / blocks)));
  return { out, in: width, bits, block, codes, scales };
}

/** Linear matrices in ternary codes, tables and heads in codes of `tableBits`. */
export function packMatrices(
  tensors: readonly TensorDescription[],
  weights: TensorDict,
  tableBits: 4 | 8,
): Record<string, PackedMatrix> {
  const found: Record<string, PackedMatrix> = {};
  for (const tensor of tensors) {
    const { layout } = hintsOf(tensor);
    const isTable = tensor.role === 'embedding' || tensor.role === 'output-head';
    if (isTable) found[tensor.name] = packRows(weights[tensor.name]!, layout, tableBits);
    else if (tensor.linear === true && tensor.shape.length === 2)
      found[tensor.name] = packTernary(weights[tensor.name]!, layout);
  }
  return found;
}
