import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { computedAfter } from '../layers/computed-after.js';
import { linear } from '../layers/linear.js';
import { stopGradient } from '../layers/stop-gradient.js';
import { withGradient } from '../layers/with-gradient.js';
import { inFullPrecision } from '../precision/products.js';
import { CHUNK, frozenHead, scoreTargets } from './head-chunks.js';
import type { LinearHead } from './linear-divergence.js';

export interface TeacherDivergenceInput {
  /** q, which is trained. */
  readonly student: LinearHead;
  /** p, without gradient; the same N and V, its r may differ. */
  readonly teacher: LinearHead;
  /** int32 [N]: what each token is scored against besides; negative ids score as id 0 */
  readonly targets: Tensor1D;
  /** float32 [N], without gradient: what each token counts */
  readonly weights: Tensor1D;
}

export interface TeacherDivergenceResult {
  /** sum of weight * KL(p || q), nats */
  readonly loss: Scalar;
  /** [N] KL(p || q), nats; without gradient */
  readonly divergence: Tensor1D;
  /** [N] -ln q(target), nats; without gradient */
  readonly nll: Tensor1D;
  /** [N] 1 where q finds no token more likely than the target; without gradient */
  readonly correct: Tensor1D;
}

interface ChunkResult {
  readonly divergence: Tensor1D;
  readonly nll: Tensor1D;
  readonly correct: Tensor1D;
  /** [C, r] gradient of the weighted loss by the student's features */
  readonly dFeatures: Tensor2D;
  /** [r, V] gradient by the student's table, transposed */
  readonly dTable: Tensor2D;
}

/**
 * Forward KL(teacher || student) over the whole vocabulary, of two linear heads, without ever holding all logits: tokens
 * go through in chunks, as in {@link import('./cross-entropy.js').linearCrossEntropy}. With g = w (q - p): dH = g E and
 * dE = g^T h.
 */
export function teacherDivergence(input: TeacherDivergenceInput): TeacherDivergenceResult {
  const features = stopGradient(input.student.features);
  const table = frozenHead(input.student.table);
  const teacher = {
    features: stopGradient(input.teacher.features),
    table: frozenHead(input.teacher.table),
  };
  const targets = tf.maximum(input.targets, tf.scalar(0, 'int32')) as Tensor1D;
  const rows = features.shape[0];
  const chunks: ChunkResult[] = [];
  for (let start = 0; start < rows; start += CHUNK) {
    const size = Math.min(CHUNK, rows - start);
    const part = (x: Tensor2D): Tensor2D => tf.slice(x, [start, 0], [size, -1]);
    const vector = (x: Tensor1D): Tensor1D => tf.slice(x, [start], [size]);
    const done = chunks.at(-1);
    const next = done === undefined ? part(features) : computedAfter(part(features), Object.values(done));
    chunks.push(
      chunkGradients(
        { features: next, table },
        { ...teacher, features: part(teacher.features) },
        vector(targets),
        vector(input.weights),
      ),
    );
  }
  const divergence = tf.concat(chunks.map((chunk) => chunk.divergence));
  const dFeatures = tf.concat(chunks.map((chunk) => chunk.dFeatures));
  const dTable = tf.transpose(chunks.map((chunk) => chunk.dTable).reduce((sum, part) => tf.add(sum, part)));
  const loss = withGradient<Scalar>([input.student.features, input.student.table], () => ({
    value: tf.sum(tf.mul(input.weights, divergence)) as Scalar,
    saved: [dFeatures, dTable],
    gradient: (dy, saved) => [tf.mul(saved[0]!, dy), tf.mul(saved[1]!, dy)],
  }));
  return {
    loss,
    divergence,
    nll: tf.concat(chunks.map((chunk) => chunk.nll)),
    correct: tf.concat(chunks.map((chunk) => chunk.correct)),
  };
}

function chunkGradients(
  student: LinearHead,
  teacher: LinearHead,
  targets: Tensor1D,
  weights: Tensor1D,
): ChunkResult {
  const logits = logitsOf(student);
  const [logQ, logP] = [tf.logSoftmax(logits), tf.logSoftmax(logitsOf(teacher))];
  const [q, p] = [tf.exp(logQ) as Tensor2D, tf.exp(logP) as Tensor2D];
  const gradient = tf.mul(tf.sub(q, p), tf.expandDims(weights, 1)) as Tensor2D;
  return {
    divergence: tf.sum(tf.mul(p, tf.sub(logP, logQ)), 1) as Tensor1D,
    ...scoreTargets(logits, q, targets),
    dFeatures: inFullPrecision(() => tf.matMul(gradient, student.table)),
    dTable: inFullPrecision(() => tf.matMul(student.features, gradient, true, false)),
  };
}

function logitsOf({ features, table }: LinearHead): Tensor2D {
  return linear(features, table, undefined, 'out-in');
}
