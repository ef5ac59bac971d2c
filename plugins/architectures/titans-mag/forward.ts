import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { Forward, ForwardOptions } from '../../../core/contracts/architecture.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import type { MemoryCarry } from '../../../nn/layers/index.js';
import { haltingMasses, thresholdSteps } from '../../../nn/losses/index.js';
import { answer } from './answer.js';
import type { TitansMagConfig } from './config.js';
import type { TitansMagWeights } from './parameters.js';

export interface CarriedForward extends Forward {
  /** Memory after the last token of each row, one per block, without gradient. */
  readonly carry: readonly MemoryCarry[];
}

/**
 * Inference. With a carry, the first document of each row continues the document it was taken from: long documents
 * are read window by window, attention within a window and memory across them.
 */
export function forward(
  config: TitansMagConfig,
  params: TensorMap,
  ids: Tensor2D,
  segments: Tensor2D,
  options: ForwardOptions = {},
  carry: readonly MemoryCarry[] | null = null,
): CarriedForward {
  const { weights, trunk, steps, halting: logits } = answer(config, params, ids, segments, null, carry);
  const pick = positionPicker(options.select);
  const halting = logits.map((l) => tf.sigmoid(l) as Tensor2D);
  const masses = haltingMasses(halting);
  return {
    steps: steps.map((step) => headLogits(pick(step.answer), weights)),
    halting: halting.map((q) => tf.squeeze(pick(tf.expandDims(q, 2) as Tensor3D), [2]) as Tensor2D),
    statistics: {
      ...trunk.statistics,
      'act/avg_steps': tf.mean(thresholdSteps(masses, config.actThreshold)) as Scalar,
    },
    carry: trunk.carry,
  };
}

/** (y P^T) E^T, tied to the embedding. @param y [B, T, d] @returns [B, T, V] */
function headLogits(y: Tensor3D, { projection, table }: TitansMagWeights): Tensor3D {
  const [rows, length, width] = y.shape;
  const features = tf.matMul(tf.reshape(y, [rows * length, width]), projection, false, true);
  return tf.reshape(tf.matMul(features, table, false, true), [rows, length, table.shape[0]]);
}

/** [B, T, c] -> [B, 1, c] at the selected position of each row, or everything without a selection. */
function positionPicker(select: Tensor | undefined): (x: Tensor3D) => Tensor3D {
  if (select === undefined) return (x) => x;
  return (x) => {
    const [rows, length, width] = x.shape;
    const offsets = tf.add(tf.range(0, rows * length, length, 'int32'), select);
    return tf.reshape(tf.gather(tf.reshape(x, [rows * length, width]), offsets as tf.Tensor1D), [
      rows,
      1,
      width,
    ]);
  };
}
