import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import type { Forward } from '../../core/contracts/architecture.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import { linear } from '../layers/linear.js';

/** What the last position of every row says, at each recursion step. */
export type LastPosition = Pick<Forward, 'features' | 'head' | 'halting'>;

/** Chooses the recursion step (1-based) to answer with from the halting probabilities q_1..q_K. */
export type HaltingRule = (probabilities: readonly number[]) => number;

/** Which recursion step answers; without anything the last one. */
export interface Answering {
  /** Chooses by the halting probabilities, where the model has some. */
  readonly halt?: HaltingRule;
  /** This step (1-based) alone answers, whatever the rule says. */
  readonly step?: number;
}

/** Logits of every step, all steps in one product. @returns [K, B, V] */
export function logitsOfSteps({ features, head }: LastPosition): Tensor {
  const [steps, rows, , width] = features.shape;
  const flat = tf.reshape(features, [steps * rows, width]);
  return tf.reshape(linear(flat, head, undefined, 'out-in'), [steps, rows, head.shape[0]]);
}

/** Halting probabilities, [K, B]; nothing when the model does not halt by itself. */
export function haltingOfSteps({ halting }: LastPosition): Record<string, Tensor> {
  if (halting.length === 0) return {};
  const rows = halting[0]!.shape[0];
  return { halting: tf.sigmoid(tf.stack(halting.map((logits) => tf.reshape(logits, [rows])))) };
}

/**
 * The zero-based step that answers in a row: the given one, else the one that the rule chooses, else the last.
 * @param halting [K, B]; absent when the model does not halt by itself
 * @param steps K
 */
export function answeringStep(
  halting: HostTensor | undefined,
  row: number,
  steps: number,
  { halt: rule, step }: Answering,
): number {
  if (step !== undefined) return Math.min(steps, step) - 1;
  if (halting === undefined || rule === undefined) return steps - 1;
  const rows = halting.shape[1]!;
  const probabilities = Array.from({ length: steps }, (_, k) => halting.data[k * rows + row]!);
  return Math.min(steps, rule(probabilities)) - 1;
}
