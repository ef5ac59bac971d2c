import type { TensorDict } from '../../../core/contracts/tensor.js';
import { gradientNorms } from '../../../nn/training/index.js';
import { readModelWeights } from '../shared/model/packed-weights.js';
import { latentModel } from '../shared/quantized/latent.js';
import { expanded, pack } from '../shared/quantized/pack.js';
import { lockedLoss } from '../shared/evaluation/locked-loss.js';
import type { CurriculumRun } from './prepare.js';
import type { Forge } from './training.js';

/** What is known of the model that came in. JSON. */
export interface InputChecks {
  /**
   * Largest difference between what the latents quantise to and the packed file, relative to the largest weight of the
   * tensor: floats made of codes would have got smaller scales.
   */
  readonly difference: number;
  /** Loss of locked text by the packed model as it came, nats. */
  readonly text: number;
  /** Trained tensors of a format, and those that no gradient reaches. */
  readonly matrices: number;
  readonly cut: readonly string[];
}

/** Compare latents and packed file, and see that gradients reach every matrix in a format. */
export async function checkInput(run: CurriculumRun, forge: Forge): Promise<InputChecks> {
  const { ctx, origin, quantization, ternary } = run;
  const latent = latentModel(ctx, origin, quantization, origin.weights);
  const packed = pack(run, latent);
  const norms = await gradientNorms(forge.trainer, forge.readable(run.text.selection.batches)[0]!);
  const matrices = Object.keys(quantization.formats);
  return {
    difference: largestDifference(packed.weights, await readModelWeights(ctx, ternary)),
    // Without the rows of new tokens, which take some of the probability.
    text: await lockedLoss(run, expanded(run, latent, packed)),
    matrices: matrices.length,
    cut: matrices.filter((name) => !(Number.isFinite(norms[name]) && norms[name]! > 0)),
  };
}

function largestDifference(made: TensorDict, stored: TensorDict): number {
  return Object.entries(made).reduce((largest, [name, { data }]) => {
    const other = stored[name]?.data;
    if (other?.length !== data.length) return Infinity;
    let [difference, size] = [0, 0];
    for (let i = 0; i < data.length; i++) {
      difference = Math.max(difference, Math.abs(data[i]! - other[i]!));
      size = Math.max(size, Math.abs(other[i]!));
    }
    return Math.max(largest, size === 0 ? difference : difference / size);
  }, 0);
}
