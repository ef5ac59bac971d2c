import type { PackedMatrix } from '../../../core/contracts/compressor.js';
import { withBits } from '../../quantization/repack.js';
import type { Graph } from './graph.js';
import { reshape, slice } from './shape.js';
import { int, type Attributes, type Value } from './value.js';

const CONTRIB = 'com.microsoft';

/**
 * What the products inside are made of, in onnxruntime's numbering: 4 is int8, the inputs rounded by blocks. The kernels of
 * floats (0) unpack the whole matrix in every run where the codes have 2 or 8 bits.
 */
const INT8_PRODUCTS = 4;

/** x W^T of a matrix in codes, which are constants: onnxruntime rearranges those once. @param x [n, K] @returns [n, N] */
export function packedMatmul(
  graph: Graph,
  x: Value,
  matrix: PackedMatrix,
  accuracyLevel = INT8_PRODUCTS,
): Value {
  const packed = supported(graph, matrix);
  const { codes, scales } = constants(graph, packed);
  const attributes: Attributes = {
    K: int(packed.in),
    N: int(packed.out),
    bits: int(packed.bits),
    block_size: int(packed.block),
    accuracy_level: int(accuracyLevel),
  };
  const type = { shape: [x.shape[0]!, packed.out], dtype: x.dtype };
  return graph.apply('MatMulNBits', [x, codes, scales], type, attributes, CONTRIB);
}

/** Rows of a table in codes, as floats. @param ids int32 [n], each in 0..N-1 @returns [n, K] */
export function packedRows(graph: Graph, ids: Value, packed: PackedMatrix): Value {
  const { codes, scales } = constants(graph, packed);
  const width = scales.shape[1]! * packed.block;
  const rows = graph.apply(
    'GatherBlockQuantized',
    [reshape(graph, codes, [packed.out, (width * packed.bits) / 8]), ids, scales],
    { shape: [ids.shape[0]!, width], dtype: 'float32' },
    { bits: int(packed.bits), block_size: int(packed.block), gather_axis: int(0), quantize_axis: int(1) },
    CONTRIB,
  );
  return slice(graph, rows, [0, 0], [ids.shape[0]!, packed.in], [1, 1], [ids.shape[0]!, packed.in]);
}

function supported(graph: Graph, packed: PackedMatrix): PackedMatrix {
  return packed.bits === 2 && graph.dialect.lacks.has('MatMulNBits of 2 bits') ? withBits(packed, 4) : packed;
}

/** @returns codes [N, blocks, bytes of a block] and scales [N, blocks] */
function constants(graph: Graph, { out, in: width, bits, block, codes, scales }: PackedMatrix) {
  const blocks = Math.ceil(width / block);
  return {
    codes: graph.constant(codes, [out, blocks, (block * bits) / 8], 'uint8'),
    scales: graph.constant(scales, [out, blocks], 'float32'),
  };
}
