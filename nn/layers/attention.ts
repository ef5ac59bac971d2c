import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { AttentionMask, MaskBlock } from './attention-mask.js';
import { computedAfter } from './computed-after.js';
import { linear, type MatrixLayout } from './linear.js';
import { applyRope, type RopeTable } from './rope.js';
import { stopGradient } from './stop-gradient.js';
import { withGradient } from './with-gradient.js';

export interface AttentionResult<T extends Tensor> {
  readonly output: T;
  /** [H]: max |score| over visible pairs of the batch, without gradient; for QK-clip. Null unless asked for. */
  readonly peak: Tensor1D | null;
}

/** What is wanted of an attention besides its output. */
export interface AttentionOptions {
  /** Find the largest score of each head. Default false. */
  readonly peaks?: boolean;
}

/**
 * softmax(q k^T + mask) v, one block of queries at a time. The scale 1/sqrt(dh) must already be in `q`.
 *
 * Fewer heads of keys than of queries serve groups of them (Ainslie et al. 2023): head h of the queries reads head
 * h / (H / K) of the keys. The queries of a group are laid one after another along time, so no key is copied.
 *
 * The gradient follows Dao et al. 2022 (FlashAttention, appendix B): dS = P * (dP - rowsum(dO * O)), where the row
 * sum is taken over dh instead of over T.
 *
 * @param q [B, H, T, dh]
 * @param k,v [B, K, T, dh], where K divides H
 * @returns output [B, H, T, dh]
 */
export function scaledAttention(
  q: Tensor4D,
  k: Tensor4D,
  v: Tensor4D,
  mask: AttentionMask,
  { peaks = false }: AttentionOptions = {},
): AttentionResult<Tensor4D> {
  const { blocks } = mask;
  const [fixedQuery, fixedKey] = [stopGradient(q), stopGradient(k)];
  const weighed = blocks.map((block) => weighKeys(fixedQuery, fixedKey, block));
  const peak = peaks
    ? weighed.map(({ scores }, i) => largestScore(scores, blocks[i]!)).reduce((a, b) => tf.maximum(a, b))
    : null;
  const output = withGradient<Tensor4D>([q, k, v], (query, key, value) => {
    // The peak is needed only by the optimizer; left until then it would keep all scores in memory.
    const ready = (peak === null ? value! : computedAfter(value!, [peak])) as Tensor4D;
    const mixed = joinTime(
      weighed.map(({ probabilities }, i) => perKey(probabilities, keysOf(ready, blocks[i]!))),
    );
    return {
      value: mixed,
      saved: [query!, key!, value!, mixed, ...weighed.map((part) => part.probabilities)],
      gradient: (dy, saved) => attentionGradient(dy, saved as Tensor4D[], blocks),
    };
  });
  return { output, peak };
}

/** Scores of a block before and after its mask, and the attention weights. */
interface WeighedKeys {
  readonly scores: { readonly open: Tensor4D; readonly masked: Tensor4D };
  readonly probabilities: Tensor4D;
}

function weighKeys(query: Tensor4D, key: Tensor4D, block: MaskBlock): WeighedKeys {
  const open = perKey(queriesOf(query, block), keysOf(key, block), true);
  const masked = tf.add(open, block.additive) as Tensor4D;
  return { scores: { open, masked }, probabilities: tf.softmax(masked) };
}

/**
 * The largest visible |score| of each head: the larger of max(s + mask) and max(mask - s), where the mask takes hidden
 * scores out of both.
 */
function largestScore({ open, masked }: WeighedKeys['scores'], { additive }: MaskBlock): Tensor1D {
  const highest = tf.max(masked, [0, 2, 3]);
  const lowest = tf.max(tf.sub(additive, open), [0, 2, 3]);
  return tf.maximum(highest, lowest) as Tensor1D;
}

/** @param saved q, k, v, the output, and the probabilities of each block */
function attentionGradient(dy: Tensor4D, saved: readonly Tensor4D[], blocks: readonly MaskBlock[]): Tensor[] {
  const [query, key, value, output, ...probabilities] = saved as [Tensor4D, Tensor4D, Tensor4D, Tensor4D];
  const along = tf.sum(tf.mul(dy, output), -1, true) as Tensor4D;
  const parts = blocks.map((block, i) => {
    const weights = (probabilities as Tensor4D[])[i]!;
    const dOutput = queriesOf(dy, block);
    const dWeights = perKey(dOutput, keysOf(value, block), true);
    const dScores = tf.mul(weights, tf.sub(dWeights, queriesOf(along, block))) as Tensor4D;
    return {
      dQuery: perKey(dScores, keysOf(key, block)),
      dKey: overQueries(dScores, queriesOf(query, block), key.shape[1]),
      dValue: overQueries(weights, dOutput, key.shape[1]),
    };
  });
  return [
    joinTime(parts.map((part) => part.dQuery)),
    sumOverBlocks(
      parts.map((part) => part.dKey),
      blocks,
    ),
    sumOverBlocks(
      parts.map((part) => part.dValue),
      blocks,
    ),
  ];
}

/** x with each head's keys (or values). @param x [B, H, T, c] @param keys [B, K, c, e], or [B, K, e, c] transposed */
export function perKey(x: Tensor4D, keys: Tensor4D, transposed = false): Tensor4D {
  const product = tf.matMul(inGroups(x, keys.shape[1]), keys, false, transposed) as Tensor4D;
  const [rows, heads, length] = x.shape;
  return heads === keys.shape[1] ? product : tf.reshape(product, [rows, heads, length, product.shape[3]]);
}

/** a^T b, summed over the queries of a group. @param a [B, H, T, c] @param b [B, H, T, e] @returns [B, K, c, e] */
function overQueries(a: Tensor4D, b: Tensor4D, keyHeads: number): Tensor4D {
  return tf.matMul(inGroups(a, keyHeads), inGroups(b, keyHeads), true, false) as Tensor4D;
}

/** [B, H, T, c] -> [B, K, H/K T, c]: the heads of a group one after another. */
function inGroups(x: Tensor4D, keyHeads: number): Tensor4D {
  const [rows, heads, length, width] = x.shape;
  return heads === keyHeads ? x : tf.reshape(x, [rows, keyHeads, (heads / keyHeads) * length, width]);
}

/** Add up what each block of queries gives to its keys. @param parts [B, K, end - firstKey, dh] @returns [B, K, T, dh] */
function sumOverBlocks(parts: readonly Tensor4D[], blocks: readonly MaskBlock[]): Tensor4D {
  const perBlock = blocks.map(({ start, end }) => {
    const overlapping = blocks.flatMap((block, i) =>
      block.firstKey <= start && end <= block.end
        ? [alongTime(parts[i]!, start - block.firstKey, end - block.firstKey)]
        : [],
    );
    return overlapping.reduce((sum, part) => tf.add(sum, part));
  });
  return joinTime(perBlock);
}

function queriesOf(x: Tensor4D, { start, end }: MaskBlock): Tensor4D {
  return alongTime(x, start, end);
}

function keysOf(x: Tensor4D, { firstKey, end }: MaskBlock): Tensor4D {
  return alongTime(x, firstKey, end);
}

/** Positions start..end of [B, H, T, c]. */
function alongTime(x: Tensor4D, start: number, end: number): Tensor4D {
  return end - start === x.shape[2] ? x : tf.slice(x, [0, 0, start, 0], [-1, -1, end - start, -1]);
}

function joinTime(parts: readonly Tensor4D[]): Tensor4D {
  return parts.length === 1 ? parts[0]! : tf.concat([...parts], 2);
}

/** Weights of one attention, each a matrix [in, out], or [out, in] with that layout. */
export interface AttentionWeights {
  readonly query: Tensor2D;
  readonly key: Tensor2D;
  readonly value: Tensor2D;
  readonly output: Tensor2D;
  readonly layout?: MatrixLayout;
}

/** What an attention projects its input to, besides its output. */
export type Projection = 'query' | 'key' | 'value';

/** Geometry and position tables of one attention. */
export interface AttentionGeometry {
  readonly heads: number;
  /** Heads of keys and values, a divisor of `heads`; as many by default. */
  readonly keyHeads?: number;
  /** Table for queries; carries the scale 1/sqrt(dh). */
  readonly queryRope: RopeTable;
  readonly keyRope: RopeTable;
  /** What becomes of a projection [B, T, d] before it is cut into heads and rotated; nothing by default. */
  readonly afterProjection?: (x: Tensor3D, of: Projection) => Tensor3D;
}

/** Keys and values of a sequence, ready for any number of queries. */
export interface KeyValues {
  readonly key: Tensor4D;
  readonly value: Tensor4D;
}

/** Project a sequence [B, T, d] to rotated keys and values [B, K, T, dh]. */
export function keyValues(
  source: Tensor3D,
  weights: AttentionWeights,
  geometry: AttentionGeometry,
): KeyValues {
  const { heads, keyHeads = heads } = geometry;
  const inHeads = (of: 'key' | 'value'): Tensor4D =>
    splitHeads(projected(source, of, weights, geometry), keyHeads);
  const key = applyRope(inHeads('key'), geometry.keyRope);
  const value = inHeads('value');
  return { key: byHead(key), value: byHead(value) };
}

/**
 * Multi-head attention of a sequence of queries over prepared keys and values.
 *
 * @param queries [B, T, d]
 * @returns output [B, T, d]
 */
export function attend(
  queries: Tensor3D,
  source: KeyValues,
  weights: AttentionWeights,
  geometry: AttentionGeometry,
  mask: AttentionMask,
  options: AttentionOptions = {},
): AttentionResult<Tensor3D> {
  const query = queryHeads(queries, weights, geometry);
  const { output, peak } = scaledAttention(query, source.key, source.value, mask, options);
  return { output: fromHeads(output, weights), peak };
}

/** Project a sequence [B, T, d] to rotated, scaled queries [B, H, T, dh]. */
export function queryHeads(
  queries: Tensor3D,
  weights: AttentionWeights,
  geometry: AttentionGeometry,
): Tensor4D {
  const query = projected(queries, 'query', weights, geometry);
  return byHead(applyRope(splitHeads(query, geometry.heads), geometry.queryRope));
}

function projected(
  x: Tensor3D,
  of: Projection,
  weights: AttentionWeights,
  { afterProjection = (y) => y }: AttentionGeometry,
): Tensor3D {
  return afterProjection(linear(x, weights[of], undefined, weights.layout), of);
}

/** What the heads found, through the output matrix. @param x [B, H, T, dh] @returns [B, T, d] */
export function fromHeads(x: Tensor4D, weights: AttentionWeights): Tensor3D {
  return linear(joinHeads(x), weights.output, undefined, weights.layout);
}

/** [B, T, H*dh] -> [B, T, H, dh] */
function splitHeads(x: Tensor3D, heads: number): Tensor4D {
  const [rows, length, width] = x.shape;
  return tf.reshape(x, [rows, length, heads, width / heads]);
}

/** [B, T, H, dh] -> [B, H, T, dh] */
function byHead(x: Tensor4D): Tensor4D {
  return tf.transpose(x, [0, 2, 1, 3]);
}

/** [B, H, T, dh] -> [B, T, H*dh] */
function joinHeads(x: Tensor4D): Tensor3D {
  const [rows, heads, length, width] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [rows, length, heads * width]);
}
