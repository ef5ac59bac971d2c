import * as tf from '@tensorflow/tfjs';
import type { HostTensor, TensorDict } from '../../core/contracts/tensor.js';
import { batchSpecs, differentiate, mapTensors } from './differentiate.js';
import { stateSpecs, weightSpecs, type BatchShape, type TrainingModel } from './model.js';
import { weightsIn, type ProgramSource } from './programs.js';
import { fromGroup, inGroup, type WeightGroup } from './state.js';
import { arraysOf, type HostBatch, type Trainer } from './trainer.js';

/**
 * Mean squared gradient of everything trained over batches: the diagonal of the empirical Fisher information
 * (Kirkpatrick et al. 2017, eq. 3, with the labels of the data).
 *
 * @param onBatch told how many batches are done
 */
export async function fisherInformation(
  trainer: Trainer,
  group: WeightGroup,
  batches: readonly HostBatch[],
  onBatch: (done: number) => void | Promise<void> = () => undefined,
): Promise<TensorDict> {
  const { model, shape } = trainer.options;
  const program = await trainer.program(`fisher-${group}`, () => fisherSource(model, shape, group));
  await trainer.clearAccumulators();
  try {
    for (const [i, batch] of batches.entries()) {
      await program.run(arraysOf(batch), { state: trainer.state });
      await onBatch(i + 1);
    }
    const sums = fromGroup('grad', await trainer.read('grad'));
    return Object.fromEntries(
      Object.entries(sums).map(([name, tensor]) => [name, scaled(tensor, 1 / batches.length)]),
    );
  } finally {
    await trainer.clearAccumulators(); // an update would take what is left for gradients
  }
}

/** Adds the squared gradient of one batch to `grad/`. */
function fisherSource(model: TrainingModel, shape: BatchShape, group: WeightGroup): ProgramSource {
  const groups = stateSpecs(model);
  return {
    spec: {
      name: 'fisher',
      inputs: batchSpecs(model, shape),
      state: { ...weightSpecs(model, group), ...groups.grad, ...groups.ref },
    },
    fn: (inputs, state) => {
      const before = fromGroup('grad', state);
      const pass = differentiate(model, weightsIn(state, group), inputs, state, { context: null });
      const grad = mapTensors(pass.grads, (g, name) => tf.add(before[name]!, tf.square(g)));
      return { outputs: { loss: pass.outputs['loss']! }, state: inGroup('grad', grad) };
    },
  };
}

function scaled(tensor: HostTensor, factor: number): HostTensor {
  return { ...tensor, data: Float32Array.from(tensor.data, (value) => value * factor) };
}
