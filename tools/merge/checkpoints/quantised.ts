import type { ModelConfig } from '../../../core/contracts/model.js';
import type { Problem } from '../../../core/errors/index.js';
import { isObject } from '../../../storage/is-object.js';
import type { MergeRecipe } from '../recipe.js';
import type { Checkpoint } from './open.js';

const FIX =
  'Merge the latents (a model with latent weights, as bitnet stores one beside) or the float models that they were made from.';

/**
 * Why weights cannot be merged that formats were applied to: a mean of ternary weights is not ternary. Told before any
 * weight is read.
 *
 * @param config as config.json has it
 * @returns null for floats and for latents, which are floats that merge
 */
export function appliedProblem(
  reference: string,
  at: string,
  config: unknown,
  isPacked: boolean,
): Problem | null {
  const applied = quantizationOf(config)?.['weights'] === 'applied';
  if (!applied && !isPacked) return null;
  return {
    at: reference,
    source: at,
    message: `the model is ${isPacked ? 'packed' : 'quantised'}: a mean of its weights is in none of their formats`,
    expected: 'float weights',
    found: isPacked ? 'model.packed' : 'weights that formats were applied to',
    fix: FIX,
  };
}

/** Latents are merged with latents of the same quantization, whole: its formats go by the names of tensors. */
export function latentProblems(checkpoints: readonly Checkpoint[], { slices }: MergeRecipe): Problem[] {
  const found = checkpoints.map(({ config }) => JSON.stringify(quantizationOf(config) ?? null));
  const leader = checkpoints[0]!.reference;
  const other = checkpoints.filter((_, i) => found[i] !== found[0]);
  const differing = other.map(({ reference, folder }) => ({
    at: reference,
    source: folder,
    message: `its quantization is not that of ${leader}`,
    fix: 'Merge latents of one quantization with each other, and float models with each other.',
  }));
  const stacked = slices.some(({ sources }) => sources[0]!.layers !== null);
  if (!stacked || found.every((quantization) => quantization === 'null')) return differing;
  const reason = 'layers of a quantised model cannot be stacked: its formats go by the names of tensors';
  return [
    ...differing,
    { at: leader, message: reason, fix: 'Stack the float models, and quantise the result.' },
  ];
}

/** Of a config of our own; other programs call theirs otherwise. */
function quantizationOf(config: unknown): Readonly<Record<string, unknown>> | null {
  const { architecture, quantization } = (config ?? {}) as Partial<Record<keyof ModelConfig, unknown>>;
  return typeof architecture === 'string' && isObject(quantization) ? quantization : null;
}
