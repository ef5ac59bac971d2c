import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { Forward, TensorDescription } from '../../core/contracts/architecture.js';
import type { Objective } from '../../core/contracts/objective.js';
import type { TensorMap } from '../../core/contracts/tensor.js';
import { linear, rmsNorm } from '../layers/index.js';
import { meanWeights } from '../losses/index.js';
import { answerOf, withPass } from './passes.js';

/** Name of the error among the metrics of {@link selfModel}. */
export const SELF_MODEL_ERROR = 'loss/self_model' as const;

export interface SelfModelOptions {
  /** w_s */
  readonly weight: number;
  /** Zero-based layer whose activations are predicted; null: {@link middleLayer}. */
  readonly layer: number | null;
}

/** Widths between which the self-model maps: what the output head reads, and what a layer gives. */
export interface SelfModelWidths {
  /** r */
  readonly features: number;
  /** d */
  readonly hidden: number;
}

const HEAD = { weight: 'self_model.weight', bias: 'self_model.bias' } as const;

/**
 * Tensors of the self-model beside those of a model, zero at the beginning: it knows nothing, and its error is 1. They
 * are trained with the model and are no part of it.
 */
export function selfModelTensors({ features, hidden }: SelfModelWidths): TensorDescription[] {
  const own = { role: 'self-model', init: { kind: 'constant', value: 0 } } as const;
  return [
    { name: HEAD.weight, shape: [features, hidden], ...own },
    { name: HEAD.bias, shape: [hidden], ...own },
  ];
}

/** The last layer of the first half. */
export function middleLayer(layers: number): number {
  return Math.floor((layers - 1) / 2);
}

/**
 * Self-modelling (Premakumar et al. 2024): beside the usual loss the model predicts its own activations,
 * L = L_usual + w_s mean((a_hat - a)^2), over tokens with a target. Further outputs a_hat = W h + b read what the output
 * head reads, of the answer; a [B, T, d] is what one layer gives. Gradients flow through both: the model learns to be easy
 * to predict. The parameters hold {@link selfModelTensors}.
 *
 * Activations are taken at a root mean square of 1 over each token, as the next layer reads them: with norms before its
 * layers a model computes the same however small they are, and would shrink them. The error is thus the share that is not
 * predicted.
 *
 * @param usual runs the model once
 */
export function selfModel(usual: Objective, { weight, layer }: SelfModelOptions): Objective {
  return (input) => {
    const { result, pass } = withPass(usual, input, { hidden: true });
    const activations = pass.hidden[layer ?? middleLayer(pass.hidden.length)]!;
    const targets = tf.reshape(input.batch.targets, [-1]) as Tensor1D;
    const error = errorOf(pass, activations, input.params, meanWeights(targets));
    const loss = tf.add(result.loss, tf.mul(error, weight)) as Scalar;
    return {
      ...result,
      loss,
      metrics: { ...result.metrics, 'loss/total': loss, [SELF_MODEL_ERROR]: error },
    };
  };
}

/** Mean square over tokens and channels. @param weights [B T], what each token counts */
function errorOf(pass: Forward, activations: Tensor3D, params: TensorMap, weights: Tensor1D): Scalar {
  const width = activations.shape[2];
  const told = linear(answerOf(pass).features, params[HEAD.weight] as Tensor2D, params[HEAD.bias]);
  const own = rmsNorm(tf.reshape(activations, [-1, width]) as Tensor2D, tf.ones([width]), NORM_EPSILON);
  return tf.sum(tf.mul(weights, tf.mean(tf.squaredDifference(told, own), 1))) as Scalar;
}

/** Smaller than in models: a stream that is shrunk this far computes nothing. */
const NORM_EPSILON = 1e-8;
