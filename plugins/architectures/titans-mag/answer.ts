import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { ForwardInput } from '../../../core/contracts/architecture.js';
import type { FunctionContext } from '../../../core/contracts/engine.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import { haltingLogits, recursion, type MemoryCarry, type RecursionStep } from '../../../nn/layers/index.js';
import { attentionGeometry, backbone, type BackboneResult } from './backbone.js';
import type { TitansMagConfig } from './config.js';
import { bindWeights, type TitansMagWeights } from './parameters.js';

/** Everything a pass computes before its heads turn it into logits or losses. */
export interface Answer {
  readonly weights: TitansMagWeights;
  readonly trunk: BackboneResult;
  readonly steps: readonly RecursionStep[];
  /** Halting logit of every step, each [B, T]. */
  readonly halting: readonly Tensor2D[];
  /** [heads] per attention, in the order of `attentionSites`; empty unless asked for. */
  readonly peaks: readonly Tensor1D[];
}

/** How much of a pass is computed. */
export interface AnswerSettings {
  /** Memory at the start of each row, one per block; null is empty. */
  readonly carry?: readonly MemoryCarry[] | null;
  /** Recursion steps, at most those of the model. */
  readonly steps?: number;
  /** Find the largest attention scores. */
  readonly peaks?: boolean;
}

/** Backbone, recursion and halting head. */
export function answer(
  config: TitansMagConfig,
  params: TensorMap,
  input: ForwardInput,
  context: FunctionContext | null,
  { carry = null, steps = Infinity, peaks = false }: AnswerSettings = {},
): Answer {
  const weights = bindWeights(config, params);
  const trunk = backbone(config, weights, { ...input, context, carry, peaks });
  const { crossWidth, crossHeads, microSteps } = config.recursion;
  const geometry = attentionGeometry(config, input, crossWidth / crossHeads, crossHeads);
  const settings = {
    steps: Math.min(config.recursion.steps, steps),
    ...{ microSteps, peaks },
    normEpsilon: config.normEpsilon,
  };
  const refined = recursion(trunk.features, weights.recursion, geometry, trunk.mask, settings);
  return {
    weights,
    trunk,
    steps: refined.steps,
    halting: refined.steps.map((step) => haltingLogits(step.latent, weights.halting)),
    peaks: [...trunk.peaks, ...refined.peaks],
  };
}
