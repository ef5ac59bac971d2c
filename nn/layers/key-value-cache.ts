import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import {
  fromHeads,
  perKey,
  queryHeads,
  type AttentionGeometry,
  type AttentionWeights,
  type KeyValues,
} from './attention.js';
import { MASKED_SCORE } from './attention-mask.js';

/**
 * What T new tokens of each row mean for caches of one size: which keys they see, and where theirs are kept. A cache
 * is a ring of `slots`: the token at position p lies in slot p mod slots. Made once per pass, for all attentions.
 */
export interface CachePlan {
  /** float32 [B, 1, T, keys]: 0 where a new token sees a key of {@link ReadCache.seen}, -1e9 elsewhere. */
  readonly additive: Tensor4D;
  /** T = 1: the slot of the new token and whether it is one; else what each slot holds afterwards. */
  readonly write:
    | { readonly kind: 'slot'; readonly slot: Tensor1D; readonly real: Tensor1D }
    | { readonly kind: 'choose'; readonly source: Tensor2D };
}

export interface CacheShape {
  /** Tokens that the cache holds: more than `window`; without a window as many as a text can have. */
  readonly slots: number;
  /** How far back a position sees besides itself; Infinity for the whole text. */
  readonly window: number;
}

/**
 * @param before int32 [B]: tokens of each row that were read already
 * @param counts int32 [B]: how many of the new tokens of each row are real; the padding comes last
 * @param tokens T
 */
export function cachePlan(before: Tensor1D, counts: Tensor1D, tokens: number, shape: CacheShape): CachePlan {
  const { slots, window } = shape;
  const column = tf.expandDims(before, 1);
  const after = tf.add(column, tf.expandDims(counts, 1));
  const age = ageOfSlots(after, slots);
  if (tokens === 1) {
    const visible = tf.logicalAnd(tf.less(age, after), within(age, window));
    const slot = tf.mod(before, int(slots)) as Tensor1D;
    const write = { kind: 'slot', slot, real: tf.greater(counts, int(0)) as Tensor1D } as const;
    return { additive: additive(tf.expandDims(visible, 1)), write };
  }
  const given = tf.expandDims(counts, 1);
  const newest = tf.sub(tf.add(given, int(slots - 1)), age);
  const source = tf.where(tf.less(age, given), newest, slotNumbers(slots)) as Tensor2D;
  const past = visiblePast(column, tokens, shape);
  const fresh = tf.tile(tf.expandDims(visibleFresh(tokens, window), 0), [past.shape[0]!, 1, 1]);
  return { additive: additive(tf.concat([past, fresh], 2)), write: { kind: 'choose', source } };
}

/** How many tokens ago each slot was written, 0 for the newest. @param after int32 [B, 1] @returns int32 [B, slots] */
function ageOfSlots(after: Tensor, slots: number): Tensor {
  return tf.mod(tf.sub(tf.add(after, int(slots - 1)), slotNumbers(slots)), int(slots));
}

/** A number would be float32, and so would what it is added to. */
function int(value: number): Tensor {
  return tf.scalar(value, 'int32');
}

/** int32 [1, slots] */
function slotNumbers(slots: number): Tensor {
  return tf.expandDims(tf.range(0, slots, 1, 'int32'), 0);
}

/** Which tokens read before each new one sees. @returns bool [B, T, slots] */
function visiblePast(before: Tensor, tokens: number, { slots, window }: CacheShape): Tensor {
  const age = ageOfSlots(before, slots);
  const there = tf.expandDims(tf.less(age, before), 1);
  const back = tf.add(tf.expandDims(age, 1), tf.reshape(tf.range(1, tokens + 1, 1, 'int32'), [1, tokens, 1]));
  return tf.logicalAnd(there, within(back, window));
}

/** Which new tokens a new one sees. @returns bool [T, T] */
function visibleFresh(tokens: number, window: number): Tensor {
  const position = tf.range(0, tokens, 1, 'int32');
  const back = tf.sub(tf.expandDims(position, 1), tf.expandDims(position, 0));
  return tf.logicalAnd(tf.greaterEqual(back, int(0)), within(back, window));
}

function within(back: Tensor, window: number): Tensor {
  return Number.isFinite(window) ? tf.lessEqual(back, int(window)) : tf.onesLike(back).cast('bool');
}

/** @param visible bool [B, T, keys] */
function additive(visible: Tensor): Tensor4D {
  return tf.expandDims(tf.mul(tf.sub(1, tf.cast(visible, 'float32')), MASKED_SCORE), 1);
}

/** A cache that was read once more. */
export interface ReadCache {
  /** What the new tokens attend over. */
  readonly seen: KeyValues;
  /** The cache after the new tokens. */
  readonly next: KeyValues;
}

/**
 * Keep the keys and values of new tokens.
 *
 * @param cache [B, K, slots, dh], K heads of keys and values
 * @param fresh [B, K, T, dh], as {@link keyValues} makes them
 */
export function extendCache(cache: KeyValues, fresh: KeyValues, { write }: CachePlan): ReadCache {
  if (write.kind === 'slot') {
    const put = (into: Tensor4D, token: Tensor4D): Tensor4D => putToken(into, token, write.slot, write.real);
    const next = { key: put(cache.key, fresh.key), value: put(cache.value, fresh.value) };
    return { seen: next, next };
  }
  const join = (old: Tensor4D, more: Tensor4D): Tensor4D => tf.concat([old, more], 2);
  const seen = { key: join(cache.key, fresh.key), value: join(cache.value, fresh.value) };
  return {
    seen,
    next: { key: choose(seen.key, write.source), value: choose(seen.value, write.source) },
  };
}

/** Overwrite one slot per row; where the token is none the slot keeps its bits. @param token [B, K, 1, dh] */
function putToken(cache: Tensor4D, token: Tensor4D, slot: Tensor1D, real: Tensor1D): Tensor4D {
  const [rows, heads, slots, width] = cache.shape;
  const flat = tf.reshape(cache, [rows * heads * slots, width]);
  const at = tf.reshape(tf.add(firstOfHeads(rows, heads, slots), tf.expandDims(slot, 1)), [rows * heads]);
  const perHead = tf.reshape(tf.tile(tf.expandDims(real, 1), [1, heads]), [rows * heads, 1]);
  const old = tf.gather(flat, at as Tensor1D);
  const kept = tf.where(perHead, tf.reshape(token, [rows * heads, width]), old);
  return tf.reshape(tf.tensorScatterUpdate(flat, tf.expandDims(at, 1), kept), cache.shape);
}

/** Per row and head, the entries named by `source`. @param x [B, K, keys, dh] @param source int32 [B, slots] */
function choose(x: Tensor4D, source: Tensor2D): Tensor4D {
  const [rows, heads, keys, width] = x.shape;
  const slots = source.shape[1];
  const at = tf.add(tf.expandDims(firstOfHeads(rows, heads, keys), 2), tf.expandDims(source, 1));
  const chosen = tf.gather(tf.reshape(x, [rows * heads * keys, width]), tf.reshape(at, [-1]) as Tensor1D);
  return tf.reshape(chosen, [rows, heads, slots, width]);
}

/** Where the entries of each row and head begin. int32 [B, K] */
function firstOfHeads(rows: number, heads: number, entries: number): Tensor2D {
  return tf.reshape(tf.range(0, rows * heads * entries, entries, 'int32'), [rows, heads]);
}

/**
 * Multi-head attention of new tokens over a cache that holds them already. Heads of queries may share heads of keys
 * (grouped-query attention): K divides H.
 *
 * @param queries [B, T, d]
 * @returns [B, T, d]
 */
export function attendCached(
  queries: Tensor3D,
  seen: KeyValues,
  weights: AttentionWeights,
  geometry: AttentionGeometry,
  plan: CachePlan,
): Tensor3D {
  return fromHeads(cachedAttention(queryHeads(queries, weights, geometry), seen, plan), weights);
}

/** softmax(q k^T + mask) v. @param query [B, H, T, dh], scaled @returns [B, H, T, dh] */
export function cachedAttention(query: Tensor4D, { key, value }: KeyValues, plan: CachePlan): Tensor4D {
  const masked = tf.add(perKey(query, key, true), plan.additive);
  return perKey(tf.softmax(masked) as Tensor4D, value);
}
