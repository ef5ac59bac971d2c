import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import { qkClip } from '../../../nn/optim/index.js';
import { fillNormal, streamKey } from '../../../nn/random/index.js';
import { describeOnEngines, floats } from '../../support/engines.js';

const HEADS = 2;
const WIDTH = 6;

function gaussian(name: string, rows: number, columns: number): Float32Array {
  const data = new Float32Array(rows * columns);
  fillNormal(streamKey(3, name), data);
  return data;
}

/** Largest |q.k| / sqrt(dh) per head over all pairs of rows of x. */
function peaks(x: tf.Tensor2D, query: tf.Tensor2D, key: tf.Tensor2D): tf.Tensor1D {
  const headWidth = WIDTH / HEADS;
  const split = (w: tf.Tensor2D): tf.Tensor =>
    tf.transpose(tf.reshape(tf.matMul(x, w), [x.shape[0], HEADS, headWidth]), [1, 0, 2]);
  const scores = tf.matMul(split(query), split(key), false, true);
  return tf.div(tf.max(tf.abs(scores), [1, 2]), Math.sqrt(headWidth));
}

describeOnEngines('QK-clip', (compute) => {
  test('tau 30 with a peak of 45 scales query and key by 0.8165 and the peak to 30', async () => {
    const inputs = {
      x: floats(gaussian('x', 5, WIDTH), [5, WIDTH]),
      query: floats(gaussian('query', WIDTH, WIDTH), [WIDTH, WIDTH]),
      key: floats(gaussian('key', WIDTH, WIDTH), [WIDTH, WIDTH]),
    };
    const found = await compute(inputs, (t) => {
      const [x, key] = [t['x'] as Tensor2D, t['key'] as Tensor2D];
      const raw = peaks(x, t['query'] as Tensor2D, key);
      // The first head peaks at exactly 45, the second at 20.
      const wanted = tf.div(tf.tensor1d([45, 20]), raw);
      const stretch = tf.reshape(tf.tile(tf.reshape(wanted, [HEADS, 1]), [1, WIDTH / HEADS]), [1, WIDTH]);
      const query = tf.mul(t['query']!, stretch) as Tensor2D;
      const site = { query: 'q', key: 'k', heads: HEADS, peak: peaks(x, query, key) };
      const { params, clipped } = qkClip({ q: query, k: key }, [site], 30);
      const [q, k] = [params['q'] as Tensor2D, params['k'] as Tensor2D];
      return { before: site.peak, after: peaks(x, q, k), query, q, k, clipped };
    });
    expect(found['before']!.data[0]).toBeCloseTo(45, 3);
    expect(Math.abs(found['after']!.data[0]! - 30)).toBeLessThan(1e-4);
    expect(found['after']!.data[1]).toBe(found['before']!.data[1]);
    expect(found['clipped']!.data[0]).toBe(1);
    for (let i = 0; i < WIDTH * WIDTH; i++) {
      const clippedHead = i % WIDTH < WIDTH / HEADS;
      const [q, k] = [found['q']!.data[i]!, found['k']!.data[i]!];
      if (clippedHead) expect(q / found['query']!.data[i]!).toBeCloseTo(Math.sqrt(30 / 45), 5);
      if (clippedHead) expect(k / inputs.key.data[i]!).toBeCloseTo(0.8165, 4);
      // Untouched heads keep their bits.
      if (!clippedHead) expect([q, k]).toEqual([found['query']!.data[i], inputs.key.data[i]]);
    }
  });

  test('heads that share keys: every head peaks where its own factor says, in matrices that lie [out, in]', async () => {
    const [heads, keyHeads, headWidth] = [4, 2, 3];
    const THRESHOLD = 3;
    const inputs = {
      x: floats(gaussian('x', 5, WIDTH), [5, WIDTH]),
      query: floats(gaussian('query', heads * headWidth, WIDTH), [heads * headWidth, WIDTH]),
      key: floats(gaussian('key', keyHeads * headWidth, WIDTH), [keyHeads * headWidth, WIDTH]),
    };
    const found = await compute(inputs, (t) => {
      const x = t['x'] as Tensor2D;
      const split = (w: tf.Tensor, count: number): tf.Tensor =>
        tf.transpose(tf.reshape(tf.matMul(x, w as Tensor2D, false, true), [5, count, headWidth]), [1, 0, 2]);
      const peaksOf = (query: tf.Tensor, key: tf.Tensor): tf.Tensor => {
        const each = tf.split(split(key, keyHeads), keyHeads, 0);
        const repeated = tf.concat(
          each.flatMap((head) => [head, head]),
          0,
        );
        const scores = tf.matMul(split(query, heads), repeated, false, true);
        return tf.div(tf.max(tf.abs(scores), [1, 2]), Math.sqrt(headWidth));
      };
      const peak = peaksOf(t['query']!, t['key']!);
      const describe = (name: string) => ({
        ...{ name, shape: [], role: 'attention-query' as const, layout: 'out-in' as const },
        init: { kind: 'constant' as const, value: 0 },
      });
      const site = { query: 'q', key: 'k', heads, peak };
      const tensors = [describe('q'), describe('k')];
      const { params, clipped } = qkClip({ q: t['query']!, k: t['key']! }, [site], THRESHOLD, tensors);
      return { peak, after: peaksOf(params['q']!, params['k']!), clipped };
    });
    const before = Array.from(found['peak']!.data);
    const hot = before.filter((peak) => peak > THRESHOLD).length;
    expect(hot).toBeGreaterThan(0);
    expect(found['clipped']!.data[0]).toBe(hot);
    before.forEach((peak, head) =>
      expect(found['after']!.data[head]).toBeCloseTo(Math.min(peak, THRESHOLD), 5),
    );
  });
});
