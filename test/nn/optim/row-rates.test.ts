import * as tf from '@tensorflow/tfjs';
import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { OPTIMIZER, type Optimizer } from '../../../core/contracts/optimizer.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import { rateOf, withRowRate } from '../../../nn/optim/index.js';
import { adamW } from '../../../plugins/optimizers/adamw/index.js';
import { muGrokfast } from '../../../plugins/optimizers/mugrokfast/index.js';
import { implementationOf } from '../../../testing/index.js';
import { describeOnEngines } from '../../support/engines.js';

const INIT = { kind: 'normal', std: 1 } as const;
const TENSORS: readonly TensorDescription[] = [
  { name: 'table', shape: [5, 3], role: 'embedding', init: INIT },
  { name: 'head', shape: [5, 3], role: 'output-head', init: INIT },
  { name: 'up', shape: [5, 3], role: 'ffn-up', init: INIT },
];
const ROWS = [1, 4];

/** Parameters after some updates, by tensor, from ones. Gradients differ by element, by update and by `size`. */
function updated(optimizer: Optimizer, inputs: TensorMap, updates: number, size = 1): TensorMap {
  let params: TensorMap = Object.fromEntries(TENSORS.map(({ name, shape }) => [name, tf.ones([...shape])]));
  let state: TensorMap = Object.fromEntries(
    Object.entries(optimizer.state(TENSORS)).map(([name, { shape }]) => [name, tf.zeros([...shape])]),
  );
  const rows = tf.reshape(tf.cast(tf.equal(tf.mod(tf.range(0, 5), 3), 1), 'float32'), [5, 1]);
  for (let i = 1; i <= updates; i++) {
    // Rows 1 and 4 have gradients `size` times as large.
    const scale = tf.add(1, tf.mul(rows, size - 1));
    const grads = Object.fromEntries(
      TENSORS.map(({ name }) => [name, tf.mul(tf.sin(tf.mul(inputs['gradient']!, i)), scale)]),
    );
    const peaks: never[] = [];
    const step = { step: tf.scalar(i), learningRateScale: tf.scalar(0.5), peaks };
    ({ params, state } = optimizer.update({ tensors: TENSORS, params, grads, state, ...step }));
  }
  return params;
}

const gradient = {
  dtype: 'float32' as const,
  shape: [5, 3],
  data: Float32Array.from({ length: 15 }, (_, i) => 0.1 + i / 10),
};
const at = (values: ArrayLike<number>, wanted: boolean): number[] =>
  Array.from(values).filter((_, i) => ROWS.includes(Math.floor(i / 3)) === wanted);
const withRows = (optimizer: Optimizer, learningRate: number): Optimizer =>
  withRowRate(optimizer, { tables: ['table', 'head'], rows: ROWS, learningRate });

describeOnEngines('rows of tables with a learning rate of their own', (compute) => {
  const run = (optimizer: Optimizer, updates: number, size = 1) =>
    compute({ gradient }, (inputs) => updated(optimizer, inputs, updates, size));
  const adam = (learningRate: number) =>
    implementationOf(OPTIMIZER, adamW({ learningRate, weightDecay: 0.1 }));

  test('move as if all of the table had that rate, and everything else as before', async () => {
    const [plain, fast] = [await run(await adam(1e-3), 4), await run(await adam(1e-2), 4)];
    const own = await run(withRows(await adam(1e-3), 1e-2), 4);
    for (const name of ['table', 'head']) {
      const [found, as] = [own[name]!.data, fast[name]!.data];
      for (const [i, value] of at(found, true).entries()) expect(value).toBeCloseTo(at(as, true)[i]!, 5);
      expect(at(found, false)).toEqual(at(plain[name]!.data, false));
      expect(Math.abs(at(found, true)[0]! - 1)).toBeGreaterThan(5e-3);
    }
    expect(own['up']!.data).toEqual(plain['up']!.data);
  });

  test('which larger gradients do not give them', async () => {
    const [plain, large] = [await run(await adam(1e-3), 1), await run(await adam(1e-3), 1, 100)];
    const [before, after] = [at(plain['table']!.data, true), at(large['table']!.data, true)];
    for (const [i, value] of after.entries()) expect(value).toBeCloseTo(before[i]!, 6);
  });

  test('count from the rate of their table, not from that which is shown', async () => {
    const muon = await implementationOf(
      OPTIMIZER,
      muGrokfast({ muonLr: 0.5, fallbackLr: 1e-3, weightDecay: 0, filter: 'off' }),
    );
    expect(TENSORS.map((tensor) => rateOf(muon, tensor))).toEqual([1e-3, 1e-3, 0.5]);
    const own = await run(withRows(muon, 1e-2), 1);
    const plain = await run(muon, 1);
    // The first update of Adam is its rate: half of it, by the schedule.
    for (const value of at(own['table']!.data, true)) expect(Math.abs(value - 1)).toBeCloseTo(5e-3, 5);
    for (const value of at(own['table']!.data, false)) expect(Math.abs(value - 1)).toBeCloseTo(5e-4, 5);
    expect(own['up']!.data).toEqual(plain['up']!.data);
  });
});
