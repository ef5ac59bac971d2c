import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
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
}

/** State after one supervised step. */
export interface RecursionStep {
  /** y_k [B, T, d]: the answer */
  readonly answer: Tensor3D;
  /** z_k [B, T, d]: the latent */
  readonly latent: Tensor3D;
}

export interface RecursionResult {
  readonly steps: readonly RecursionStep[];
  /** [H] per attention: largest |score| over all steps. */
  readonly featuresPeak: Tensor1D;
  readonly answerPeak: Tensor1D;
}

/**
 * Recursive refinement after Tiny Recursive Models (Jolicoeur-Martineau 2025), as spec 1.2 writes it:
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
  const peaks = new Map<CrossAttentionWeights, Tensor1D[]>([
    [weights.features, []],
    [weights.answer, []],
  ]);
  const steps = recursionSteps(features, weights, settings, (source, side) => {
    const prepared = keyValues(source, side, geometry);
    return (queries) => {
      const { output, peak } = attend(queries, prepared, side, geometry, mask);
      peaks.get(side)!.push(peak);
      return output;
    };
  });
  return {
    steps,
    featuresPeak: largest(peaks.get(weights.features)!),
    answerPeak: largest(peaks.get(weights.answer)!),
  };
}

/** Queries [B, T, d] to what they find in a sequence, [B, T, d]. */
export type CrossAttention = (queries: Tensor3D) => Tensor3D;

/**
 * Prepares a sequence for the queries of a step.
 *
 * @param source normalised features or answer [B, T, d]
 * @param step which y_k it is, 0 for y_0 = F; null: the features as all steps read them
 */
export type PrepareSource = (
  source: Tensor3D,
  weights: CrossAttentionWeights,
  step: number | null,
) => CrossAttention;

/** The steps of {@link recursion} with any way of attending: over whole rows or over caches. */
export function recursionSteps(
  features: Tensor3D,
  weights: RecursionWeights,
  settings: RecursionSettings,
  prepare: PrepareSource,
): RecursionStep[] {
  const { normEpsilon } = settings;
  const prepared = (source: Tensor3D, side: CrossAttentionWeights, step: number | null): CrossAttention =>
    prepare(rmsNorm(source, side.sourceNorm, normEpsilon), side, step);
  const overFeatures = prepared(features, weights.features, null);
  const steps: RecursionStep[] = [];
  let answer = features;
  let latent = tf.mul(tf.onesLike(features), weights.start) as Tensor3D;
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

function refine(
  latent: Tensor3D,
  overFeatures: CrossAttention,
  overAnswer: CrossAttention,
  weights: RecursionWeights,
  normEpsilon: number,
): Tensor3D {
  const fromFeatures = overFeatures(rmsNorm(latent, weights.features.queryNorm, normEpsilon));
  const fromAnswer = overAnswer(rmsNorm(latent, weights.answer.queryNorm, normEpsilon));
  const change = mlp(tf.concat([latent, fromFeatures, fromAnswer], 2), weights.refine);
  return rmsNorm(tf.add(latent, change) as Tensor3D, weights.refineNorm, normEpsilon);
}

function updateAnswer(
  answer: Tensor3D,
  latent: Tensor3D,
  weights: RecursionWeights,
  normEpsilon: number,
): Tensor3D {
  const change = mlp(
    tf.concat([answer, rmsNorm(latent, weights.updateInputNorm, normEpsilon)], 2),
    weights.update,
  );
  return rmsNorm(tf.add(answer, change) as Tensor3D, weights.updateNorm, normEpsilon);
}

function mlp(x: Tensor3D, [first, second]: readonly [Tensor2D, Tensor2D]): Tensor3D {
  return linear(silu(linear(x, first)), second);
}

function largest(peaks: readonly Tensor1D[]): Tensor1D {
  return peaks.reduce((highest, peak) => tf.maximum(highest, peak));
}
