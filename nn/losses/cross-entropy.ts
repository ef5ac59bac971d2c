import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { computedAfter } from '../layers/computed-after.js';
import { linear } from '../layers/linear.js';
import { stopGradient } from '../layers/stop-gradient.js';
import { withGradient } from '../layers/with-gradient.js';
import { inFullPrecision } from '../precision/products.js';
import { CHUNK, frozenHead, scoreTargets } from './head-chunks.js';

export { IGNORED_TARGET } from '../data/pack.js';

export interface CrossEntropyInput {
  /** h [N, r] */
  readonly features: Tensor2D;
  /** E [V, r]; the logits are h E^T */
  readonly table: Tensor2D;
  /** int32 [N]; IGNORED_TARGET counts nothing */
  readonly targets: Tensor1D;
  /** float32 [N], without gradient: what each token's loss counts; see {@link meanWeights} */
  readonly weights: Tensor1D;
}

export interface CrossEntropyResult {
  /** sum of weight * nll over tokens with a target */
  readonly loss: Scalar;
  /** [N] -ln p(target), nats; without gradient; meaningless where the target is ignored */
  readonly nll: Tensor1D;
  /** [N] 1 where no token is more likely than the target, else 0; without gradient */
  readonly correct: Tensor1D;
}

interface ChunkResult {
  readonly nll: Tensor1D;
  readonly correct: Tensor1D;
  /** [C, r] gradient of the weighted loss by the features */
  readonly dFeatures: Tensor2D;
  /** [r, V] (w h)^T p: gradient by the table, transposed, less the part of the targets */
  readonly dTable: Tensor2D;
}

/**
 * Cross-entropy of a linear head without ever holding all logits: tokens go through in chunks, and each chunk's
 * gradients are computed while its probabilities are at hand (as Liger Kernel's fused linear cross-entropy does).
 *
 * With p = softmax(h E^T): dH = w (p E - E[target]) and dE = p^T (w h) - segmentSum(w h by target), so the one-hot
 * matrix is never made and the only passes over [N, V] are the product, the softmax, two row maxima and two
 * products that read p.
 */
export function linearCrossEntropy(input: CrossEntropyInput): CrossEntropyResult {
  const features = stopGradient(input.features);
  const table = frozenHead(input.table);
  const [rows, vocabulary] = [features.shape[0], table.shape[0]];
  const targets = tf.maximum(input.targets, tf.scalar(0, 'int32')) as Tensor1D;
  const weights = tf.mul(input.weights, validTargets(input.targets)) as Tensor1D;
  const weighted = tf.mul(features, tf.expandDims(weights, 1)) as Tensor2D;
  const chunks: ChunkResult[] = [];
  for (let start = 0; start < rows; start += CHUNK) {
    const size = Math.min(CHUNK, rows - start);
    const part = (x: Tensor2D): Tensor2D => tf.slice(x, [start, 0], [size, -1]);
    const vector = (x: Tensor1D): Tensor1D => tf.slice(x, [start], [size]);
    const done = chunks.at(-1);
    const next = done === undefined ? part(features) : computedAfter(part(features), Object.values(done));
    chunks.push(chunkGradients(next, table, vector(targets), vector(weights), part(weighted)));
  }
  const nll = tf.concat(chunks.map((chunk) => chunk.nll));
  const correct = tf.concat(chunks.map((chunk) => chunk.correct));
  const dFeatures = tf.concat(chunks.map((chunk) => chunk.dFeatures));
  const predicted = chunks.map((chunk) => chunk.dTable).reduce((sum, part) => tf.add(sum, part));
  const dTable = tf.sub(tf.transpose(predicted), tf.unsortedSegmentSum(weighted, targets, vocabulary));
  const loss = withGradient<Scalar>([input.features, input.table], () => ({
    value: tf.sum(tf.mul(weights, nll)) as Scalar,
    saved: [dFeatures, dTable],
    gradient: (dy, saved) => [tf.mul(saved[0]!, dy), tf.mul(saved[1]!, dy)],
  }));
  return { loss, nll, correct };
}

function chunkGradients(
  features: Tensor2D,
  table: Tensor2D,
  targets: Tensor1D,
  weights: Tensor1D,
  weighted: Tensor2D,
): ChunkResult {
  const logits = linear(features, table, undefined, 'out-in');
  const probabilities = tf.softmax(logits);
  const { nll, correct } = scoreTargets(logits, probabilities, targets);
  const expected = inFullPrecision(() => tf.matMul(probabilities, table));
  const dFeatures = tf.mul(
    tf.sub(expected, tf.gather(table, targets)),
    tf.expandDims(weights, 1),
  ) as Tensor2D;
  // Transposing the narrow factor instead of p halves the time of the product.
  const dTable = inFullPrecision(() => tf.matMul<Tensor2D>(weighted, probabilities, true, false));
  return { nll, correct, dFeatures, dTable };
}

/** 1 where there is a target, 0 where it is ignored. @param targets int32 */
export function validTargets<T extends Tensor>(targets: T): T {
  return tf.cast(tf.greaterEqual(targets, 0), 'float32') as T;
}

/** Weights that make {@link linearCrossEntropy} the mean over tokens with a target; all zero when there is none. */
export function meanWeights(targets: Tensor1D): Tensor1D {
  const valid = validTargets(targets);
  return tf.div(valid, tf.maximum(tf.sum(valid), 1)) as Tensor1D;
}
