import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { computedAfter } from '../layers/computed-after.js';
import { linear } from '../layers/linear.js';
import { stopGradient } from '../layers/stop-gradient.js';
import { withGradient } from '../layers/with-gradient.js';
import { inFullPrecision } from '../precision/products.js';
import { frozenHead } from './head-chunks.js';

/** Tokens whose logits exist at one time: there are several of them at once here. */
const CHUNK = 512;

/** A linear head over features: the logits are h E^T. */
export interface LinearHead {
  /** h [N, r] */
  readonly features: Tensor2D;
  /** E [V, r] */
  readonly table: Tensor2D;
}

export interface LinearDivergence {
  /** sum of weight * value, with gradient by features and table of p */
  readonly loss: Scalar;
  /** [N] sum_v p (ln p - ln q), nats, without gradient */
  readonly values: Tensor1D;
}

interface Chunk {
  readonly values: Tensor1D;
  /** [C, r] */
  readonly dFeatures: Tensor2D;
  /** [V, r] */
  readonly dTable: Tensor2D;
}

/**
 * KL(p || q) per token of two linear heads without ever holding all logits, chunk by chunk as in `linearCrossEntropy`.
 * Without q the value is sum p ln p, the negative entropy of p. With d = ln p - ln q the gradient by the logits of p is
 * p (d - sum p d).
 *
 * @param q taken as it is: no gradient flows into it
 * @param weights float32 [N], without gradient: what each token's value counts
 */
export function linearDivergence(p: LinearHead, q: LinearHead | null, weights: Tensor1D): LinearDivergence {
  const [own, other] = [frozen(p), q === null ? null : frozen(q)];
  const rows = own.features.shape[0];
  const chunks: Chunk[] = [];
  for (let start = 0; start < rows; start += CHUNK) {
    const size = Math.min(CHUNK, rows - start);
    const part = (x: Tensor2D): Tensor2D => tf.slice(x, [start, 0], [size, -1]);
    const done = chunks.at(-1);
    const next = part(own.features);
    const features = done === undefined ? next : computedAfter(next, Object.values(done));
    const reference = other === null ? null : logitsOf({ ...other, features: part(other.features) });
    chunks.push(divergeChunk({ ...own, features }, reference, tf.slice(weights, [start], [size])));
  }
  const values = tf.concat(chunks.map((chunk) => chunk.values));
  const dFeatures = tf.concat(chunks.map((chunk) => chunk.dFeatures));
  const dTable = chunks.map((chunk) => chunk.dTable).reduce((sum, part) => tf.add(sum, part));
  const loss = withGradient<Scalar>([p.features, p.table], () => ({
    value: tf.sum(tf.mul(weights, values)) as Scalar,
    saved: [dFeatures, dTable],
    gradient: (dy, saved) => saved.map((gradient) => tf.mul(gradient, dy)),
  }));
  return { loss, values };
}

function frozen({ features, table }: LinearHead): LinearHead {
  return { features: stopGradient(features), table: frozenHead(table) };
}

function logitsOf({ features, table }: LinearHead): Tensor2D {
  return linear(features, table, undefined, 'out-in');
}

function divergeChunk(p: LinearHead, reference: Tensor2D | null, weights: Tensor1D): Chunk {
  const logP = tf.logSoftmax(logitsOf(p));
  const probabilities = tf.exp(logP);
  const difference = reference === null ? logP : tf.sub(logP, tf.logSoftmax(reference));
  const values = tf.sum(tf.mul(probabilities, difference), 1) as Tensor1D;
  const centred = tf.sub(difference, tf.expandDims(values, 1));
  const dLogits = tf.mul(tf.mul(probabilities, centred), tf.expandDims(weights, 1)) as Tensor2D;
  return {
    values,
    dFeatures: inFullPrecision(() => tf.matMul(dLogits, p.table)) as Tensor2D,
    dTable: inFullPrecision(() => tf.matMul(dLogits, p.features, true, false)) as Tensor2D,
  };
}
