import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { ENGINE, type Engine } from '../../../../core/contracts/engine.js';
import type { TensorMap } from '../../../../core/contracts/tensor.js';
import { reachable } from '../../../../nn/onnx/graph/graph.js';
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
  return isWrittenInPlace(state['cache']!, nextState['cache']!, reachable(values));
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
});
