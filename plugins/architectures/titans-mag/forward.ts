import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { Forward, ForwardInput, ForwardOptions } from '../../../core/contracts/architecture.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import { answer } from './answer.js';
import type { TitansMagConfig } from './config.js';
import { attentionSites } from './describe.js';

/** Backbone, recursion and halting head over whole rows. */
export function forward(
  config: TitansMagConfig,
  params: TensorMap,
  input: ForwardInput,
  {
    select,
    context = null,
    hidden = false,
    peaks: wanted = false,
    step,
    steps: unrolled = Infinity,
  }: ForwardOptions = {},
): Forward {
  const { weights, trunk, steps, halting, peaks } = answer(config, params, input, context, {
    steps: Math.min(unrolled, step ?? Infinity),
    peaks: wanted,
  });
  const pick = positionPicker(select);
  const asked = step === undefined ? steps : steps.slice(-1);
  const answers = asked.map((each) => pick(each.answer));
  return {
    features: headFeatures(answers, weights.projection),
    head: weights.table,
    halting: halting.map((l) => tf.squeeze(pick(tf.expandDims(l, 2) as Tensor3D), [2]) as Tensor2D),
    hidden: hidden ? trunk.hidden : [],
    peaks: wanted ? attentionSites(config).map((site, i) => ({ ...site, peak: peaks[i]! })) : [],
    statistics: trunk.statistics,
  };
}

/** y P^T of every step at once; the head is tied to the factorised embedding. @returns [K, B, T, r] */
export function headFeatures(answers: readonly Tensor3D[], projection: Tensor2D): Tensor4D {
  const [rows, length, width] = answers[0]!.shape;
  const flat = answers.map((y) => tf.reshape(y, [rows * length, width]));
  const features = tf.matMul(tf.concat(flat) as Tensor2D, projection, false, true);
  return tf.reshape(features, [answers.length, rows, length, projection.shape[0]]);
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
