import type * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import type { HostTensor, TensorDict, TensorMap } from '../../../core/contracts/tensor.js';
import type { TitansMagConfig } from '../../../plugins/architectures/titans-mag/config.js';
import { answer } from '../../../plugins/architectures/titans-mag/answer.js';
import { forward, headFeatures } from '../../../plugins/architectures/titans-mag/forward.js';
import { allLogits, stepLogits } from '../../../nn/models/index.js';
import { largestDifference } from '../../support/close.js';
import { describeOnEngines, integers } from '../../support/engines.js';
import { livelyWeights, randomIds, SPECIALISED, tinyTitansMag } from '../../support/titans-mag.js';

const LENGTH = 12;

describeOnEngines('titans-mag forward', (compute) => {
  interface Row {
    readonly ids: Int32Array;
    readonly segments?: readonly number[];
  }

  /** Statistics of one row of random ids. */
  async function statisticsOf(config: TitansMagConfig): Promise<(name: string) => number> {
    const inputs = {
      ...livelyWeights(config),
      ids: integers(randomIds(config, LENGTH), [1, LENGTH]),
      s: integers(new Int32Array(LENGTH), [1, LENGTH]),
    };
    const found = await compute(inputs, (t) => ({
      ...forward(config, t, { ids: t['ids'] as Tensor2D, segments: t['s'] as Tensor2D }).statistics,
    }));
    return (name) => found[name]!.data[0]!;
  }

  /** Logits of every step for rows of equal length, flattened [B, T, V]. */
  async function logits(
    config: TitansMagConfig,
    weights: TensorDict,
    rows: readonly Row[],
  ): Promise<Record<string, HostTensor>> {
    const length = rows[0]!.ids.length;
    const inputs = {
      ...weights,
      ids: integers(
        rows.flatMap(({ ids }) => [...ids]),
        [rows.length, length],
      ),
      segments: integers(
        rows.flatMap(({ segments }) => segments ?? new Array<number>(length).fill(0)),
        [rows.length, length],
      ),
    };
    return compute(inputs, (t) =>
      named(
        allLogits(forward(config, t, { ids: t['ids'] as Tensor2D, segments: t['segments'] as Tensor2D })),
      ),
    );
  }

  function named(steps: readonly tf.Tensor[]): TensorMap {
    return Object.fromEntries(steps.map((step, k) => [`step${k}`, step]));
  }

  describe.each([
    ['plain memory', {}],
    ['capacity groups and write weights', SPECIALISED],
    ['short convolutions', { shortConvolution: 4 }],
  ])('with %s', (_name, overrides) => {
    const config = tinyTitansMag(overrides);
    const weights = livelyWeights(config);
    const V = config.vocabularySize;

    test('is causal in every step: later tokens change no earlier logit', async () => {
      const ids = randomIds(config, LENGTH, 1);
      const others = randomIds(config, LENGTH, 2);
      const base = await logits(config, weights, [{ ids }]);
      for (const t of [0, 4, LENGTH - 2]) {
        const changed = ids.map((id, i) => (i <= t ? id : others[i]!));
        const found = await logits(config, weights, [{ ids: changed }]);
        for (const step of Object.keys(base)) {
          const [before, after] = [base[step]!.data, found[step]!.data];
          expect(
            largestDifference(before.subarray(0, (t + 1) * V), after.subarray(0, (t + 1) * V)),
          ).toBeLessThan(1e-5);
          expect(
            largestDifference(before.subarray((t + 1) * V), after.subarray((t + 1) * V)),
          ).toBeGreaterThan(1e-2);
        }
      }
    });

    test('reads packed documents as if each were alone', async () => {
      const [a, b] = [randomIds(config, 5, 1), randomIds(config, 7, 2)];
      const packed = await logits(config, weights, [
        { ids: Int32Array.of(...a, ...b), segments: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1] },
      ]);
      const alone = [
        await logits(config, weights, [{ ids: a }]),
        await logits(config, weights, [{ ids: b }]),
      ];
      for (const step of Object.keys(packed)) {
        const expected = [...alone[0]![step]!.data, ...alone[1]![step]!.data];
        expect(largestDifference(packed[step]!.data, expected)).toBeLessThan(2e-5);
      }
    });

    test('keeps the rows of a batch apart', async () => {
      const [a, b, c] = [1, 2, 3].map((seed) => ({ ids: randomIds(config, LENGTH, seed) }));
      const [first, second] = [
        await logits(config, weights, [a!, b!]),
        await logits(config, weights, [a!, c!]),
      ];
      for (const step of Object.keys(first)) {
        const row = (found: Record<string, HostTensor>): ArrayLike<number> =>
          found[step]!.data.subarray(0, LENGTH * V);
        expect(largestDifference(row(first), row(second))).toBeLessThan(1e-6);
      }
    });

    test('is causal with the memory carried between windows, and the carry matters', async () => {
      const ids = randomIds(config, LENGTH, 1);
      const others = randomIds(config, LENGTH, 2);
      const second = (first: Int32Array, tail: Int32Array): Promise<Record<string, HostTensor>> =>
        compute(
          {
            ...weights,
            first: integers(first, [1, LENGTH]),
            second: integers(tail, [1, LENGTH]),
            s: integers(new Int32Array(LENGTH), [1, LENGTH]),
          },
          (t) => {
            const [one, two, segments] = [
              t['first'] as Tensor2D,
              t['second'] as Tensor2D,
              t['s'] as Tensor2D,
            ];
            const { carry } = answer(config, t, { ids: one, segments }, null).trunk;
            const { steps, weights } = answer(config, t, { ids: two, segments }, null, { carry });
            const features = headFeatures(
              steps.map((step) => step.answer),
              weights.projection,
            );
            return named(allLogits({ features, head: weights.table }));
          },
        );
      const base = await second(ids, ids);
      const changed = await second(
        ids,
        ids.map((id, i) => (i <= 5 ? id : others[i]!)),
      );
      const elsewhere = await second(others, ids);
      for (const step of Object.keys(base)) {
        const upTo = (found: Record<string, HostTensor>): ArrayLike<number> =>
          found[step]!.data.subarray(0, 6 * V);
        expect(largestDifference(upTo(base), upTo(changed))).toBeLessThan(1e-5);
        expect(largestDifference(upTo(base), upTo(elsewhere))).toBeGreaterThan(1e-3);
      }
    });
  });

  test('computes only the selected position of each row, the same as in full', async () => {
    const config = tinyTitansMag();
    const ids = integers(randomIds(config, 2 * LENGTH), [2, LENGTH]);
    const inputs = {
      ...livelyWeights(config),
      ids,
      s: integers(new Int32Array(2 * LENGTH), [2, LENGTH]),
      select: integers([3, 11]),
    };
    const found = await compute(inputs, (t) => {
      const input = { ids: t['ids'] as Tensor2D, segments: t['s'] as Tensor2D };
      const [full, some] = [forward(config, t, input), forward(config, t, input, { select: t['select'] })];
      return {
        full: stepLogits(full, 2),
        some: stepLogits(some, 2),
        q: full.halting[1]!,
        qSome: some.halting[1]!,
      };
    });
    const V = config.vocabularySize;
    expect(found['some']!.shape).toEqual([2, 1, V]);
    const expected = [
      ...found['full']!.data.subarray(3 * V, 4 * V),
      ...found['full']!.data.subarray((LENGTH + 11) * V, (LENGTH + 12) * V),
    ];
    expect(largestDifference(found['some']!.data, expected)).toBeLessThan(1e-5);
    expect(found['qSome']!.shape).toEqual([2, 1]);
    expect(
      largestDifference(found['qSome']!.data, [found['q']!.data[3]!, found['q']!.data[LENGTH + 11]!]),
    ).toBeLessThan(1e-6);
  });

  test('reports statistics within their bounds', async () => {
    const config = tinyTitansMag(SPECIALISED);
    const value = await statisticsOf(config);
    expect(value('gate/entropy')).toBeGreaterThan(0.1);
    expect(value('gate/entropy')).toBeLessThanOrEqual(Math.LN2 + 1e-6);
    expect(value('gate/y_usage') + value('gate/m_usage')).toBeCloseTo(1, 5);
    expect(value('ltm/memory_usage')).toBeGreaterThan(1 / config.dMemory);
    expect(value('ltm/memory_usage')).toBeLessThan(1);
    expect(value('ltm/avg_surprise_score')).toBeGreaterThan(0);
  });

  test('a memory whose channels last alike is in use more evenly than one whose channels last longer and longer', async () => {
    const usage = async (memoryCapacity: number): Promise<number> =>
      (await statisticsOf(tinyTitansMag({ ...SPECIALISED, memoryCapacity })))('ltm/memory_usage');
    // 16 tokens are the least: but for the first group, all groups have that time constant.
    expect(await usage(16)).toBeGreaterThan(1.2 * (await usage(4096)));
  });
});
