import * as tf from '@tensorflow/tfjs';
import { batchSpecs, differentiate } from './differentiate.js';
import { stateSpecs } from './model.js';
import { fromGroup } from './state.js';
import { arraysOf, type HostBatch, type Trainer } from './trainer.js';

/**
 * L2 norm of the gradient of everything trained, on one batch, without dropout and without an update: whether a loss
 * reaches what it is to train.
 *
 * @returns by tensor name; NaN or infinite where the gradient is
 */
export async function gradientNorms(
  trainer: Trainer,
  batch: HostBatch,
): Promise<Readonly<Record<string, number>>> {
  const { model, shape } = trainer.options;
  const groups = stateSpecs(model);
  const program = await trainer.program('gradient-norms', () => ({
    spec: {
      name: 'gradient-norms',
      inputs: batchSpecs(model, shape),
      state: { ...groups.param, ...groups.ref },
    },
    fn: (inputs, state) => {
      const { grads } = differentiate(model, fromGroup('param', state), inputs, state, { context: null });
      return {
        outputs: Object.fromEntries(
          Object.entries(grads).map(([name, grad]) => [name, tf.sqrt(tf.sum(tf.square(grad)))]),
        ),
      };
    },
  }));
  const norms = await program.run(arraysOf(batch), { state: trainer.state });
  return Object.fromEntries(Object.entries(norms).map(([name, { data }]) => [name, data[0]!]));
}
