import * as tf from '@tensorflow/tfjs';
import type { ProgramFunction } from '../../../../core/contracts/index.js';
import { reachable } from '../../../../nn/onnx/graph/graph.js';
import { inputLimits, type InputLimit } from '../../../../nn/onnx/trace/input-limits.js';
import { traceFunction } from '../../../../nn/onnx/trace/trace.js';

const TABLE = { shape: [5, 2], dtype: 'float32' } as const;
const IDS = { shape: [2, 3], dtype: 'int32' } as const;

function limitsOf(fn: ProgramFunction): InputLimit[] {
  const trace = traceFunction(fn, { name: 'limits', inputs: { table: TABLE, ids: IDS } });
  return inputLimits(trace.graph, new Set(reachable(Object.values(trace.outputs))));
}

const gathered = (pick: (ids: tf.Tensor) => tf.Tensor): ProgramFunction => {
  return ({ table, ids }) => ({ outputs: { y: tf.gather(table!, pick(ids!) as tf.Tensor1D) } });
};
const WHOLE = { input: 'input.ids', from: 0, to: 6, lowest: 0, extents: [5] };

describe('limits of inputs that are positions', () => {
  test('through reshapes and casts', () => {
    expect(limitsOf(gathered((ids) => tf.reshape(ids, [6])))).toEqual([WHOLE]);
    expect(limitsOf(gathered((ids) => tf.cast(tf.reshape(ids, [3, 2]), 'int32')))).toEqual([WHOLE]);
  });

  test('of rows that were cut out, and from below where the function raises them', () => {
    expect(limitsOf(gathered((ids) => tf.slice(ids, [1, 0], [1, 3])))).toEqual([{ ...WHOLE, from: 3 }]);
    const raised = limitsOf(gathered((ids) => tf.maximum(ids, tf.scalar(0, 'int32'))));
    expect(raised).toEqual([{ ...WHOLE, lowest: -Infinity }]);
  });

  test('not of what is computed, cut along another dimension or not used', () => {
    expect(limitsOf(gathered((ids) => tf.add(ids, tf.scalar(1, 'int32'))))).toEqual([]);
    expect(limitsOf(gathered((ids) => tf.slice(ids, [0, 1], [2, 1])))).toEqual([]);
    const unused: ProgramFunction = ({ table, ids }) => {
      tf.gather(table!, tf.reshape(ids!, [6]) as tf.Tensor1D);
      return { outputs: { y: ids! } };
    };
    expect(limitsOf(unused)).toEqual([]);
  });

  test('by component where a position has several', () => {
    const fn: ProgramFunction = ({ table, ids }) => ({
      outputs: { y: tf.gatherND(table!, tf.reshape(ids!, [3, 2])) },
    });
    expect(limitsOf(fn)).toEqual([{ ...WHOLE, extents: [5, 2] }]);
  });

  test('once for what is picked and for its gradient', () => {
    const fn: ProgramFunction = ({ table, ids }) => {
      const pick = (t: tf.Tensor): tf.Tensor => tf.sum(tf.gather(t, tf.reshape(ids!, [6]) as tf.Tensor1D));
      return { outputs: { g: tf.grad(pick)(table!), y: pick(table!) } };
    };
    expect(limitsOf(fn)).toEqual([WHOLE]);
  });
});
