import fc from 'fast-check';
import { add, cast, divide, multiply, subtract } from '../../../../nn/onnx/graph/elementwise.js';
import { matmulFlops } from '../../../../nn/onnx/graph/flops.js';
import { Graph, reachable } from '../../../../nn/onnx/graph/graph.js';
import { CPU_DIALECT } from '../../../../nn/onnx/graph/dialect.js';
import { matmul } from '../../../../nn/onnx/graph/matmul.js';
import { packedMatmul } from '../../../../nn/onnx/graph/packed.js';
import { reduce } from '../../../../nn/onnx/graph/reduce.js';
import { expand, reshape, transpose } from '../../../../nn/onnx/graph/shape.js';
import type { Value } from '../../../../nn/onnx/graph/value.js';
import { randomPacked } from '../../../support/packing.js';

const setUp = (...shapes: number[][]): { graph: Graph; inputs: Value[] } => {
  const graph = new Graph();
  return { graph, inputs: shapes.map((shape, i) => graph.input(`x${i}`, { shape, dtype: 'float32' })) };
};
const operators = (...outputs: Value[]): string[] => reachable(outputs).map((node) => node.op);

describe('graph', () => {
  test('the same application is made once', () => {
    const { graph, inputs } = setUp([2, 3], [2, 3]);
    const [a, b] = inputs as [Value, Value];
    expect(add(graph, a, b)).toBe(add(graph, a, b));
    expect(add(graph, a, b)).not.toBe(add(graph, b, a));
  });

  test('long constants that differ in one element anywhere are different ones, and each is found again', () => {
    const graph = new Graph();
    const length = 2000;
    const withOneAt = (at: number) =>
      graph.constant(
        Float32Array.from({ length }, (_, i) => (i === at ? 1 : 0)),
        [length],
        'float32',
      );
    const values = Array.from({ length: 60 }, (_, at) => withOneAt(at));
    expect(new Set(values).size).toBe(60);
    values.forEach((value, at) => expect(withOneAt(at)).toBe(value));
  });

  test('equal constants are one value, equal bytes of other types are not', () => {
    const graph = new Graph();
    expect(graph.constant(Float32Array.of(1, 2), [2], 'float32')).toBe(
      graph.constant(Float32Array.of(1, 2), [2], 'float32'),
    );
    expect(graph.constant(new Int32Array(2), [2], 'int32')).not.toBe(
      graph.constant(new Float32Array(2), [2], 'float32'),
    );
    expect(graph.constant(new Float32Array(4), [2, 2], 'float32')).not.toBe(
      graph.constant(new Float32Array(4), [4], 'float32'),
    );
  });

  test('only what the outputs need is reachable, each node after its operands', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        (edges, pick) => {
          const { graph, inputs } = setUp([2]);
          const values = [inputs[0]!];
          for (const [i, j] of edges)
            values.push(add(graph, values[i % values.length]!, values[j % values.length]!));
          const output = values[pick % values.length]!;
          const nodes = reachable([output]);
          nodes.forEach((node, position) => {
            for (const input of node.inputs)
              if (input?.source.kind === 'node')
                expect(nodes.indexOf(input.source.node)).toBeLessThan(position);
          });
          const consumed = new Set([output, ...nodes.flatMap((node) => node.inputs)]);
          for (const node of nodes) expect(node.outputs.some((value) => consumed.has(value))).toBe(true);
        },
      ),
    );
  });
});

describe('elementwise', () => {
  test('neutral elements vanish', () => {
    const { graph, inputs } = setUp([2, 3]);
    const [x] = inputs as [Value];
    const one = expand(graph, graph.scalar(1), [2, 3]);
    const zero = graph.scalar(0);
    expect(divide(graph, subtract(graph, multiply(graph, one, add(graph, x, zero)), zero), one)).toBe(x);
  });

  test('a neutral element that broadcasts does not vanish', () => {
    const { graph, inputs } = setUp([3]);
    const sum = add(graph, inputs[0]!, expand(graph, graph.scalar(0), [2, 3]));
    expect(sum.shape).toEqual([2, 3]);
    expect(operators(sum)).toEqual(['Expand']);
  });

  test('broadcasts are looked through', () => {
    const { graph, inputs } = setUp([4, 1], [4, 5]);
    const [column, x] = inputs as [Value, Value];
    const wide = expand(graph, column, [4, 5]);
    expect(operators(multiply(graph, wide, x))).toEqual(['Mul']);
    expect(operators(multiply(graph, multiply(graph, wide, wide), x))).toEqual(['Mul', 'Mul']);
    expect(multiply(graph, wide, wide).shape).toEqual([4, 5]);
  });

  test('scalar constants are computed at once', () => {
    const graph = new Graph();
    const six = multiply(graph, graph.scalar(2), graph.scalar(3));
    expect(six).toBe(graph.scalar(6));
    expect(cast(graph, graph.scalar(2.7), 'int32')).toBe(graph.scalar(2, 'int32'));
  });
});

describe('shapes', () => {
  test('reshapes collapse', () => {
    const { graph, inputs } = setUp([2, 6]);
    const [x] = inputs as [Value];
    expect(reshape(graph, reshape(graph, x, [3, 4]), [2, 6])).toBe(x);
    expect(operators(reshape(graph, reshape(graph, x, [3, 4]), [12]))).toEqual(['Reshape']);
  });

  test('transposes compose, and vanish where nothing moves', () => {
    const { graph, inputs } = setUp([2, 3, 4], [1, 3, 4]);
    const [x, thin] = inputs as [Value, Value];
    expect(transpose(graph, transpose(graph, x, [2, 0, 1]), [1, 2, 0])).toBe(x);
    expect(operators(transpose(graph, thin, [1, 0, 2]))).toEqual(['Reshape']);
  });

  test('reductions over single elements are reshapes', () => {
    const { graph, inputs } = setUp([3, 1]);
    expect(operators(reduce(graph, 'ReduceSum', inputs[0]!, [1], false))).toEqual(['Reshape']);
  });
});

describe('matrix products', () => {
  test('a transposed operand is read in place', () => {
    const { graph, inputs } = setUp([4, 3], [4, 5]);
    const [a, b] = inputs as [Value, Value];
    const product = matmul(graph, transpose(graph, a, [1, 0]), b, false, false);
    expect(operators(product)).toEqual(['FusedMatMul']);
    expect(product.shape).toEqual([3, 5]);
  });

  test('two transposes cancel', () => {
    const { graph, inputs } = setUp([3, 4], [4, 5]);
    const [a, b] = inputs as [Value, Value];
    expect(operators(matmul(graph, transpose(graph, a, [1, 0]), b, true, false))).toEqual(['MatMul']);
  });

  test('large weight gradients transpose the narrower operand', () => {
    const { graph, inputs } = setUp([512, 1024], [512, 64]);
    const [x, dy] = inputs as [Value, Value];
    const gradient = matmul(graph, x, dy, true, false);
    expect(gradient.shape).toEqual([1024, 64]);
    expect(operators(gradient)).toEqual(['Transpose', 'MatMul', 'Transpose']);
  });

  test('operations are counted as 2 m n k', () => {
    const { graph, inputs } = setUp([2, 3, 4], [2, 5, 4]);
    const [a, b] = inputs as [Value, Value];
    expect(matmulFlops(reachable([matmul(graph, a, b, false, true)]))).toBe(2 * 2 * 3 * 4 * 5);
  });

  test('operations of products with codes are those of the products with floats', () => {
    const { graph, inputs } = setUp([3, 50]);
    const product = packedMatmul(graph, inputs[0]!, randomPacked({ in: 50, out: 7, bits: 2, block: 16 }));
    expect(product.shape).toEqual([3, 7]);
    expect(matmulFlops(reachable([product]))).toBe(2 * 3 * 50 * 7);
  });

  test('a runtime without products of 2 bits is given the same weights in 4', () => {
    const lacks = new Set(['MatMulNBits of 2 bits'] as const);
    const graph = new Graph({ ...CPU_DIALECT, lacks });
    const x = graph.input('x', { shape: [1, 32], dtype: 'float32' });
    const product = packedMatmul(graph, x, randomPacked({ in: 32, out: 3, bits: 2, block: 16 }));
    const [node] = reachable([product]);
    expect(node!.attributes['bits']).toEqual({ kind: 'int', value: 4 });
    expect(node!.inputs[1]).toMatchObject({ shape: [3, 2, 8], dtype: 'uint8' });
  });
});
