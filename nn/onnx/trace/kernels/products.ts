import type { BatchMatMulAttrs, EinsumAttrs, _FusedMatMulAttrs } from '@tensorflow/tfjs';
import { ForgeError } from '../../../../core/errors/index.js';
import { add, elementwise, less, multiply, select } from '../../graph/elementwise.js';
import type { Graph } from '../../graph/graph.js';
import { matmul } from '../../graph/matmul.js';
import { packedMatmul } from '../../graph/packed.js';
import { float, text, type Value } from '../../graph/value.js';
import { PACKED_PRODUCT, type PackedAttributes } from '../../../quantization/packed-kernels.js';
import type { KernelTable, KernelTracer } from './call.js';

const fusedMatMul: KernelTracer = (call) => {
  const { graph } = call;
  const { transposeA, transposeB, activation, leakyreluAlpha } = call.attributes<_FusedMatMulAttrs>();
  const product = matmul(graph, call.value('a'), call.value('b'), transposeA, transposeB);
  const bias = call.optional('bias');
  const biased = bias ? add(graph, product, bias) : product;
  return activate(graph, biased, activation, leakyreluAlpha ?? 0.2, call.optional('preluActivationWeights'));
};

function activate(
  graph: Graph,
  x: Value,
  activation: string | null,
  alpha: number,
  weights: Value | null,
): Value {
  const unary = (op: string): Value => elementwise(graph, op, [x], 'float32');
  switch (activation ?? 'linear') {
    case 'linear':
      return x;
    case 'relu':
      return unary('Relu');
    case 'elu':
      return unary('Elu');
    case 'sigmoid':
      return unary('Sigmoid');
    case 'relu6':
      return elementwise(graph, 'Clip', [x, graph.scalar(0), graph.scalar(6)], 'float32');
    case 'leakyrelu':
      return elementwise(graph, 'LeakyRelu', [x], 'float32', { alpha: float(alpha) });
    case 'prelu':
      return select(graph, less(graph, x, graph.scalar(0)), multiply(graph, x, weights!), x);
    default:
      throw new ForgeError(
        'AF_ENGINE_UNSUPPORTED_KERNEL',
        `_FusedMatMul with activation '${activation}' is unknown.`,
        {
          fix: 'Apply the activation after the product.',
        },
      );
  }
}

/** Subscripts are those of ONNX; tfjs has checked them and given the result's shape through its own rules. */
const einsum: KernelTracer = (call) => {
  const operands = call.list();
  const { equation } = call.attributes<EinsumAttrs>();
  const compact = equation.replaceAll(' ', '');
  const [left, right] = compact.split('->');
  const extents = new Map<string, number>();
  left!
    .split(',')
    .forEach((term, i) =>
      [...term].forEach((letter, axis) => extents.set(letter, operands[i]!.shape[axis]!)),
    );
  const shape = [...right!].map((letter) => extents.get(letter)!);
  return call.graph.apply(
    'Einsum',
    operands,
    { shape, dtype: operands[0]!.dtype },
    { equation: text(compact) },
  );
};

/** Matrix products. */
export const productKernels: KernelTable = {
  BatchMatMul: (call) => {
    const { transposeA, transposeB } = call.attributes<BatchMatMulAttrs>();
    return matmul(call.graph, call.value('a'), call.value('b'), transposeA, transposeB);
  },
  _FusedMatMul: fusedMatMul,
  Einsum: einsum,
  [PACKED_PRODUCT]: (call) => {
    const { packed, accuracyLevel } = call.attributes<PackedAttributes>();
    return packedMatmul(call.graph, call.value('x'), packed, accuracyLevel);
  },
};
