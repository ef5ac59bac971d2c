import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { ENGINE, type Engine } from '../../../../core/contracts/engine.js';
import type { TensorMap } from '../../../../core/contracts/tensor.js';
import { Graph } from '../../../../nn/onnx/graph/graph.js';
import { int, ints, type Attributes, type Value } from '../../../../nn/onnx/graph/value.js';
import { isWrittenInPlace } from '../../../../nn/onnx/trace/in-place.js';
import { traceFunction } from '../../../../nn/onnx/trace/trace.js';
import { onnxruntime } from '../../../../plugins/engines/onnxruntime/index.js';
import { implementationOf } from '../../../../testing/index.js';

const SPEC = {
  name: 'cache',
  inputs: {
    at: { shape: [1], dtype: 'int32' },
    row: { shape: [1, 2], dtype: 'float32' },
  },
  state: { cache: { shape: [3, 2], dtype: 'float32' } },
} as const;

const put = (cache: Tensor, at: Tensor, row: Tensor): Tensor =>
  tf.tensorScatterUpdate(cache, tf.expandDims(at, 1), row);

/** Whether a function that replaces the cache is allowed to write it where it lies. */
function inPlace(
  next: (cache: Tensor2D, at: Tensor1D, row: Tensor2D) => Tensor,
  also?: (cache: Tensor) => Tensor,
) {
  const { state, nextState, outputs } = traceFunction(
    ({ at, row }, { cache }) => ({
      outputs: also === undefined ? ({} as TensorMap) : { also: also(cache!) },
      state: { cache: next(cache as Tensor2D, at as Tensor1D, row as Tensor2D) },
    }),
    SPEC,
  );
  const values = [nextState['cache']!, ...Object.values(outputs)];
  return isWrittenInPlace(state['cache']!, nextState['cache']!, values);
}

describe('a carried tensor is written where it lies', () => {
  test('when some of its elements are overwritten', () => {
    expect(inPlace((cache, at, row) => put(cache, at, row))).toBe(true);
  });

  test('when what is read of it decides what is written', () => {
    expect(inPlace((cache, at, row) => put(cache, at, tf.add(row, tf.gather(cache, at))))).toBe(true);
  });

  test('not when all of it is computed anew', () => {
    expect(inPlace((cache) => tf.add(cache, 1))).toBe(false);
  });

  test('not when its elements come from somewhere else', () => {
    expect(inPlace((cache, at, row) => put(tf.mul(cache, 2), at, row))).toBe(false);
  });

  test('not when something may read it afterwards, also by another shape', () => {
    expect(inPlace(put, (cache) => tf.sum(cache))).toBe(false);
    expect(inPlace(put, (cache) => tf.add(tf.reshape(cache, [2, 3]), 1))).toBe(false);
  });

  test('not when it is given out as it was, also by another shape', () => {
    expect(inPlace(put, (cache) => cache)).toBe(false);
    expect(inPlace(put, (cache) => tf.reshape(cache, [2, 3]))).toBe(false);
    expect(inPlace(put, (cache) => tf.transpose(tf.reshape(cache, [1, 6])))).toBe(false);
  });

  test('when what is given out was made of what is written', () => {
    const { state, nextState, outputs } = traceFunction(({ at, row }, { cache }) => {
      const next = put(cache!, at!, row!);
      return { outputs: { flat: tf.reshape(next, [6]) }, state: { cache: next } };
    }, SPEC);
    const next = nextState['cache']!;
    expect(isWrittenInPlace(state['cache']!, next, [next, outputs['flat']!])).toBe(true);
  });
});

describe('operators that onnxruntime may leave out or let share the memory', () => {
  const FLOAT = { dtype: 'float32' } as const;
  type Operands = (graph: Graph) => readonly Value[];
  const whole: Operands = (graph) => [[0, 0], [3, 2], [0, 1], [1, 1]].map((each) => graph.indices(each)); // prettier-ignore
  interface Viewing {
    readonly op: string;
    readonly shape: readonly number[];
    readonly operands: Operands;
    readonly attributes?: Attributes;
  }
  const views: readonly Viewing[] = [
    { op: 'Identity', shape: [3, 2], operands: () => [] },
    { op: 'Reshape', shape: [6], operands: (graph) => [graph.indices([6])] },
    { op: 'Flatten', shape: [1, 6], operands: () => [], attributes: { axis: int(0) } },
    { op: 'Unsqueeze', shape: [1, 3, 2], operands: (graph) => [graph.indices([0])] },
    { op: 'Squeeze', shape: [3, 2], operands: (graph) => [graph.indices([])] },
    { op: 'Cast', shape: [3, 2], operands: () => [], attributes: { to: int(1) } },
    { op: 'Slice', shape: [3, 2], operands: whole },
    { op: 'Transpose', shape: [3, 2], operands: () => [], attributes: { perm: ints([0, 1]) } },
    { op: 'Expand', shape: [3, 2], operands: (graph) => [graph.indices([3, 2])] },
    { op: 'Add', shape: [3, 2], operands: (graph) => [graph.scalar(0)] },
  ];

  /** The cache with a row written, and what an operator makes of it as it was. */
  function traced({ op, shape, operands, attributes }: Viewing) {
    const graph = new Graph();
    const cache = graph.input('state.cache', { ...FLOAT, shape: [3, 2] });
    const at = graph.input('input.at', { dtype: 'int32', shape: [1, 2] });
    const view = graph.apply(op, [cache, ...operands(graph)], { ...FLOAT, shape }, attributes);
    const write = (row: Value): Value =>
      graph.apply('ScatterElements', [cache, at, row], { ...FLOAT, shape: [3, 2] }, { axis: int(0) });
    return { graph, cache, view, write };
  }

  test.each(views)('$op: not when it is given out', (made) => {
    const { graph, cache, view, write } = traced(made);
    const next = write(graph.input('input.row', { ...FLOAT, shape: [1, 2] }));
    expect(isWrittenInPlace(cache, next, [next])).toBe(true);
    expect(isWrittenInPlace(cache, next, [next, view])).toBe(false);
  });

  test.each(views)('$op: not when something may read it afterwards', (made) => {
    const { graph, cache, view, write } = traced(made);
    const next = write(graph.input('input.row', { ...FLOAT, shape: [1, 2] }));
    const sum = graph.apply('ReduceSum', [view], { ...FLOAT, shape: [] });
    expect(isWrittenInPlace(cache, next, [next, sum])).toBe(false);
  });

  test.each(views)('$op: when it decides what is written', (made) => {
    const { graph, cache, view, write } = traced(made);
    const row = graph.apply('ReduceMean', [view], { ...FLOAT, shape: [1, 2] });
    const next = write(row);
    expect(isWrittenInPlace(cache, next, [next, row])).toBe(true);
  });
});

describe('on onnxruntime', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await (await implementationOf(ENGINE, onnxruntime())).open();
  });
  afterAll(() => engine.dispose());

  test.each([[['cache']], [[]]])('overwrites %j: the same numbers run after run', async (overwrites) => {
    const program = await engine.compile(
      ({ at, row }, { cache }) => {
        const old = tf.gather(cache!, at as Tensor1D);
        const next = put(cache!, at!, tf.add(row!, old));
        return { outputs: { sum: tf.sum(next) }, state: { cache: next } };
      },
      { ...SPEC, overwrites },
    );
    const state = await engine.createState({
      cache: { shape: [3, 2], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    });
    const run = async (at: number) => {
      const { sum } = await program.run({ at: Int32Array.of(at), row: Float32Array.of(10, 20) }, { state });
      return sum!.data[0];
    };
    expect([await run(1), await run(1), await run(2)]).toEqual([51, 81, 111]);
    const { cache } = await state.read();
    expect(Array.from(cache!.data)).toEqual([1, 2, 23, 44, 15, 26]);
    await state.dispose();
    await program.dispose();
  });

  test.each([
    ['an output', [2, 3]],
    ['another carried tensor', [6]],
  ])('the old elements given out as %s are the old ones', async (_as, shape) => {
    const program = await engine.compile(
      ({ at, row }, { cache }) => {
        const old = tf.reshape(cache!, shape);
        const next = { cache: put(cache!, at!, row!) };
        const outputs: TensorMap = shape.length === 2 ? { old } : {};
        const state: TensorMap = shape.length === 2 ? next : { ...next, before: old };
        return { outputs, state };
      },
      {
        ...SPEC,
        state: { ...SPEC.state, before: { shape: [6], dtype: 'float32' } },
        overwrites: ['cache'],
      },
    );
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const state = await engine.createState({
      cache: { shape: [3, 2], dtype: 'float32', data },
      before: { shape: [6], dtype: 'float32', data: new Float32Array(6) },
    });
    const { old } = await program.run({ at: Int32Array.of(1), row: Float32Array.of(10, 20) }, { state });
    const { cache, before } = await state.read();
    expect(Array.from((old ?? before)!.data)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Array.from(cache!.data)).toEqual([1, 2, 10, 20, 5, 6]);
    await state.dispose();
    await program.dispose();
  });
});
