import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { attend, keyValues, type AttentionGeometry, type AttentionWeights } from './attention.js';
import type { AttentionMask } from './attention-mask.js';
import { linear } from './linear.js';
import { rmsNorm } from './rms-norm.js';
import { stopGradient } from './stop-gradient.js';
import { silu } from './swiglu.js';

/** A cross-attention with the norms of its two inputs. */
export interface CrossAttentionWeights extends AttentionWeights {
  readonly queryNorm: Tensor1D;
  readonly sourceNorm: Tensor1D;
}

/** Weights of the recursion; MLPs are two bias-free matrices with SiLU between. */
export interface RecursionWeights {
  /** Attention over the features F. */
  readonly features: CrossAttentionWeights;
  /** Attention over the previous answer y. */
  readonly answer: CrossAttentionWeights;
  /** g: [3d, hidden], [hidden, d] */
  readonly refine: readonly [Tensor2D, Tensor2D];
  readonly refineNorm: Tensor1D;
  /** h: [2d, hidden], [hidden, d] */
  readonly update: readonly [Tensor2D, Tensor2D];
  readonly updateInputNorm: Tensor1D;
  readonly updateNorm: Tensor1D;
  /** z_init [d] */
  readonly start: Tensor1D;
}

export interface RecursionSettings {
  /** Supervised steps K. */
  readonly steps: number;
  /** Refinements n of z per step; gradients flow through all of them. */
  readonly microSteps: number;
  readonly normEpsilon: number;
  /** Find the largest scores of the attentions. Default false. */
  readonly peaks?: boolean;
}

/** State after one supervised step. */
export interface RecursionStep<T extends Tensor = Tensor3D> {
  /** y_k, of the shape of the features: the answer */
  readonly answer: T;
  /** z_k, the same: the latent */
  readonly latent: T;
}

export interface RecursionResult {
  readonly steps: readonly RecursionStep[];
  /** [H] per attention, over the features and over the answer: largest |score| over all steps. Empty unless asked for. */
  readonly peaks: readonly Tensor1D[];
}

/**
 * Recursive refinement after Tiny Recursive Models (Jolicoeur-Martineau 2025):
 * z_0 = z_init, y_0 = F; in step k, n times z <- Norm(z + MLP_g([z||aF||aY])) with aF, aY cross-attentions of
 * Norm z over F and y_{k-1} under the causal window; then y_k = Norm(y_{k-1} + MLP_h([y_{k-1}||Norm z])).
 * Between steps y and z are cut from the gradient; F keeps its gradient in every step.
 *
 * @param features F [B, T, d]
 */
export function recursion(
  features: Tensor3D,
  weights: RecursionWeights,
  geometry: AttentionGeometry,
  mask: AttentionMask,
  settings: RecursionSettings,
): RecursionResult {
  const found = new Map<CrossAttentionWeights, Tensor1D[]>([
    [weights.features, []],
    [weights.answer, []],
  ]);
  const steps = recursionSteps(features, weights, settings, (source, side) => {
    const prepared = keyValues(source, side, geometry);
    return (queries) => {
      const { output, peak } = attend(queries, prepared, side, geometry, mask, settings);
      if (peak !== null) found.get(side)!.push(peak);
      return output;
    };
  });
  const peaks = [...found.values()].flatMap((ofSteps) => (ofSteps.length === 0 ? [] : [largest(ofSteps)]));
  return { steps, peaks };
}

/** Queries to what they find in a sequence. */
export type CrossAttention<T extends Tensor> = (queries: T) => T;

/**
 * Prepares a sequence for the queries of a step.
 *
 * @param source normalised features or answer
 * @param step which y_k it is, 0 for y_0 = F; null: the features as all steps read them
 */
export type PrepareSource<T extends Tensor> = (
  source: T,
  weights: CrossAttentionWeights,
  step: number | null,
) => CrossAttention<T>;

/**
 * The steps of {@link recursion} with any way of attending: over whole rows or over caches.
 *
 * @param features F [..., d]
 */
export function recursionSteps<T extends Tensor>(
  features: T,
  weights: RecursionWeights,
  settings: RecursionSettings,
  prepare: PrepareSource<T>,
): RecursionStep<T>[] {
  const { normEpsilon } = settings;
  const prepared = (source: T, side: CrossAttentionWeights, step: number | null): CrossAttention<T> =>
    prepare(rmsNorm(source, side.sourceNorm, normEpsilon), side, step);
  const overFeatures = prepared(features, weights.features, null);
  const steps: RecursionStep<T>[] = [];
  let answer = features;
  let latent = tf.mul(tf.onesLike(features), weights.start) as T;
  for (let k = 0; k < settings.steps; k++) {
    const overAnswer = prepared(answer, weights.answer, k);
    for (let i = 0; i < settings.microSteps; i++)
      latent = refine(latent, overFeatures, overAnswer, weights, normEpsilon);
    answer = updateAnswer(answer, latent, weights, normEpsilon);
    steps.push({ answer, latent });
    answer = stopGradient(answer);
    latent = stopGradient(latent);
  }
  return steps;
}

function refine<T extends Tensor>(
  latent: T,
  overFeatures: CrossAttention<T>,
  overAnswer: CrossAttention<T>,
  weights: RecursionWeights,
  normEpsilon: number,
): T {
  const fromFeatures = overFeatures(rmsNorm(latent, weights.features.queryNorm, normEpsilon));
  const fromAnswer = overAnswer(rmsNorm(latent, weights.answer.queryNorm, normEpsilon));
  const change = mlp(joined(latent, fromFeatures, fromAnswer), weights.refine);
  return rmsNorm(tf.add(latent, change) as T, weights.refineNorm, normEpsilon);
}

function updateAnswer<T extends Tensor>(
  answer: T,
  latent: T,
  weights: RecursionWeights,
  normEpsilon: number,
): T {
  const normed = rmsNorm(latent, weights.updateInputNorm, normEpsilon);
  const change = mlp(joined(answer, normed), weights.update);
  return rmsNorm(tf.add(answer, change) as T, weights.updateNorm, normEpsilon);
}

/** Side by side along the last axis. */
function joined(...parts: Tensor[]): Tensor {
  return tf.concat(parts, parts[0]!.rank - 1);
}

function mlp(x: Tensor, [first, second]: readonly [Tensor2D, Tensor2D]): Tensor {
  return linear(silu(linear(x, first)), second);
}

function largest(peaks: readonly Tensor1D[]): Tensor1D {
  return peaks.reduce((highest, peak) => tf.maximum(highest, peak));
}
