import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { TensorDict, TensorMap } from '../../../core/contracts/tensor.js';
import {
  attend,
  attendCached,
  attentionMask,
  cachedAttention,
  cachePlan,
  extendCache,
  keyValues,
  ropeTable,
  sameDocument,
  scaledAttention,
  type AttentionGeometry,
  type AttentionWeights,
  type KeyValues,
} from '../../../nn/layers/index.js';
import { stream } from '../../../nn/random/index.js';
import { expectClose } from '../../support/close.js';
import { describeOnEngines, floats, integers } from '../../support/engines.js';

const ROWS = 2;
const LENGTH = 11;
const WIDTH = 8;
const HEADS = 2;
const HEAD_WIDTH = WIDTH / HEADS;

function gaussian(name: string, shape: readonly number[]): ReturnType<typeof floats> {
  const numbers = stream(3, name);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return floats(
    Array.from({ length: size }, () => numbers.normal()),
    shape,
  );
}

const inputs: TensorDict = {
  x: gaussian('x', [ROWS, LENGTH, WIDTH]),
  ...Object.fromEntries(
    ['query', 'key', 'value', 'output'].map((name) => [name, gaussian(name, [WIDTH, WIDTH])]),
  ),
};

function weightsOf(t: TensorMap): AttentionWeights {
  return {
    query: t['query'] as Tensor2D,
    key: t['key'] as Tensor2D,
    value: t['value'] as Tensor2D,
    output: t['output'] as Tensor2D,
  };
}

/** Tables for positions from..from + length. */
function geometryAt(from: number, length: number): AttentionGeometry {
  const table = (scale?: number) => {
    const { cosine, sine } = ropeTable(from + length, HEAD_WIDTH, 100, scale);
    const part = (x: Tensor): Tensor => tf.slice(x, [0, from, 0, 0], [-1, length, -1, -1]);
    return { cosine: part(cosine), sine: part(sine) };
  };
  return { heads: HEADS, queryRope: table(1 / Math.sqrt(HEAD_WIDTH)), keyRope: table() };
}

function whole(t: TensorMap, window: number): Tensor {
  const x = t['x'] as Tensor3D;
  const [weights, geometry] = [weightsOf(t), geometryAt(0, LENGTH)];
  const mask = attentionMask(sameDocument(tf.zeros([ROWS, LENGTH], 'int32') as Tensor2D), window);
  return attend(x, keyValues(x, weights, geometry), weights, geometry, mask).output;
}

function emptyCache(rows: number, heads: number, slots: number): KeyValues {
  const zeros = (): Tensor4D => tf.zeros([rows, heads, slots, HEAD_WIDTH]);
  return { key: zeros(), value: zeros() };
}

/** The same in chunks of the given sizes. */
function inChunks(t: TensorMap, sizes: readonly number[], shape: { slots: number; window: number }): Tensor {
  const weights = weightsOf(t);
  let cache = emptyCache(ROWS, HEADS, shape.slots);
  const outputs: Tensor[] = [];
  let at = 0;
  for (const size of sizes) {
    const x = tf.slice(t['x'] as Tensor3D, [0, at, 0], [-1, size, -1]);
    const geometry = geometryAt(at, size);
    const plan = cachePlan(tf.fill([ROWS], at, 'int32'), tf.fill([ROWS], size, 'int32'), size, shape);
    const { seen, next } = extendCache(cache, keyValues(x, weights, geometry), plan);
    outputs.push(attendCached(x, seen, weights, geometry, plan));
    [cache, at] = [next, at + size];
  }
  return tf.concat(outputs, 1);
}

describeOnEngines('attention over a cache', (compute) => {
  const shapes = [
    ['a window', { slots: 4, window: 3 }],
    ['more slots than the window needs', { slots: 7, window: 3 }],
    ['a window of the token alone', { slots: 1, window: 0 }],
    ['a window longer than the text', { slots: 40, window: 39 }],
    ['the whole text', { slots: LENGTH, window: Infinity }],
  ] as const;
  const splits = [new Array<number>(LENGTH).fill(1), [LENGTH], [4, 1, 1, 5], [1, 7, 2, 1], [2, 2, 7]];

  test.each(shapes)('is attention over the row, however it is split: %s', async (_name, shape) => {
    const found = await compute(inputs, (t) => ({
      whole: whole(t, shape.window),
      ...Object.fromEntries(splits.map((sizes, i) => [`split${i}`, inChunks(t, sizes, shape)])),
    }));
    splits.forEach((_, i) => expectClose(found[`split${i}`]!, found['whole']!, 1e-5));
  });

  test('serves groups of query heads with one head of keys', async () => {
    const tensors = {
      q: gaussian('q', [1, 4, 3, HEAD_WIDTH]),
      k: gaussian('k', [1, 2, 3, HEAD_WIDTH]),
      v: gaussian('v', [1, 2, 3, HEAD_WIDTH]),
    };
    const found = await compute(tensors, (t) => {
      const [q, k, v] = [t['q'], t['k'], t['v']] as [Tensor4D, Tensor4D, Tensor4D];
      const plan = cachePlan(tf.zeros([1], 'int32'), tf.fill([1], 3, 'int32'), 3, {
        slots: 5,
        window: Infinity,
      });
      const { seen } = extendCache(emptyCache(1, 2, 5), { key: k, value: v }, plan);
      // Head h of the queries reads head floor(h / 2) of the keys: each repeated for the reference.
      const repeated = (x: Tensor4D): Tensor4D => tf.gather(x, tf.tensor1d([0, 0, 1, 1], 'int32'), 1);
      const mask = attentionMask(sameDocument(tf.zeros([1, 3], 'int32') as Tensor2D), Infinity);
      return {
        found: cachedAttention(q, seen, plan),
        expected: scaledAttention(q, repeated(k), repeated(v), mask).output,
      };
    });
    expectClose(found['found']!, found['expected']!, 1e-6);
  });

  test.each([1, 3])('rows with fewer real tokens keep what they had (%i at once)', async (tokens) => {
    const [slots, window] = [4, 3];
    const tensors = {
      key: gaussian('cache', [3, HEADS, slots, HEAD_WIDTH]),
      fresh: gaussian('fresh', [3, HEADS, tokens, HEAD_WIDTH]),
      before: integers([0, 5, 6]),
      counts: integers([0, tokens, Math.min(1, tokens - 1)]),
    };
    const { next } = await compute(tensors, (t) => {
      const plan = cachePlan(t['before'] as Tensor1D, t['counts'] as Tensor1D, tokens, { slots, window });
      const both = (x: Tensor): KeyValues => ({ key: x as Tensor4D, value: x as Tensor4D });
      return { next: extendCache(both(t['key']!), both(t['fresh']!), plan).next.key };
    });
    const entry = (of: ArrayLike<number>, entries: number, row: number, head: number, at: number) =>
      Array.from(
        { length: HEAD_WIDTH },
        (_, i) => of[((row * HEADS + head) * entries + at) * HEAD_WIDTH + i],
      );
    for (let row = 0; row < 3; row++) {
      const count = tensors.counts.data[row]!;
      for (let head = 0; head < HEADS; head++)
        for (let slot = 0; slot < slots; slot++) {
          const written = Array.from({ length: count }, (_, i) => i).find(
            (i) => (tensors.before.data[row]! + i) % slots === slot,
          );
          const expected =
            written === undefined
              ? entry(tensors.key.data, slots, row, head, slot)
              : entry(tensors.fresh.data, tokens, row, head, written);
          expect(entry(next!.data, slots, row, head, slot)).toEqual(expected);
        }
    }
  });
});
