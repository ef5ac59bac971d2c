import { either } from '../../../../nn/onnx/graph/elementwise.js';
import type { Dialect } from '../../../../nn/onnx/graph/dialect.js';
import { Graph, reachable } from '../../../../nn/onnx/graph/graph.js';
import { matmul } from '../../../../nn/onnx/graph/matmul.js';
import { reverse, slice } from '../../../../nn/onnx/graph/shape.js';
import type { Value } from '../../../../nn/onnx/graph/value.js';

const POOR: Dialect = {
  opset: 21,
  lacks: new Set(['FusedMatMul', 'Or', 'Slice of int32']),
  exactFunctions: false,
};
const operators = (output: Value): string[] => reachable([output]).map((node) => node.op);

describe('a graph for a runtime that lacks operators', () => {
  const graph = new Graph(POOR);

  test('transposes before a product', () => {
    const a = graph.input('a', { shape: [2, 4, 3], dtype: 'float32' });
    const b = graph.input('b', { shape: [2, 4, 5], dtype: 'float32' });
    const product = matmul(graph, a, b, true, false);
    expect(operators(product)).toEqual(['Transpose', 'MatMul']);
    expect(product.shape).toEqual([2, 3, 5]);
  });

  test('says or by not and and', () => {
    const [p, q] = ['p', 'q'].map((name) => graph.input(name, { shape: [2], dtype: 'bool' }));
    expect(operators(either(graph, p!, q!))).toEqual(['Not', 'Not', 'And', 'Not']);
  });

  test('cuts whole numbers by their positions', () => {
    const x = graph.input('x', { shape: [4, 3], dtype: 'int32' });
    const part = slice(graph, x, [1, 0], [3, 3], [1, 1], [2, 3]);
    expect(operators(part)).toEqual(['Gather']);
    expect(reachable([part])[0]!.inputs[1]!.source).toMatchObject({ data: BigInt64Array.of(1n, 2n) });
    const backwards = reverse(graph, x, [1]);
    expect(reachable([backwards])[0]!.inputs[1]!.source).toMatchObject({
      data: BigInt64Array.of(2n, 1n, 0n),
    });
  });
});
