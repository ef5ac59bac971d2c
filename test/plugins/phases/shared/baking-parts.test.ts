import type { BakingRow } from '../../../../core/contracts/baking.js';
import { bakingBatches, BakingSource, batchExtras } from '../../../../plugins/phases/shared/baking/rows.js';
import { pointOfStrength, strengthOf } from '../../../../plugins/phases/shared/baking/strength.js';

describe('strength', () => {
  test('is the share of the full effect on the held-out loss, by hand', () => {
    expect(strengthOf(4, 2, 3)).toBe(0.5);
    expect(strengthOf(4, 2, 4)).toBe(0);
    expect(strengthOf(4, 2, 1)).toBe(1.5);
    expect(strengthOf(2, 2, 1)).toBeNull();
    expect(strengthOf(2, 3, 2.5)).toBeNull();
  });

  const HALF = { strength: 0.5, tolerance: 0.05 };

  test('is found where it is measured, whatever the way there looks like', async () => {
    // Loss 10 - 8 sqrt(share): half of the effect is at a quarter of the way.
    const shares: number[] = [];
    const point = await pointOfStrength(
      async (share) => {
        shares.push(share);
        return 10 - 8 * Math.sqrt(share);
      },
      { before: 10, full: 2 },
      HALF,
    );
    expect(shares).toEqual([0.5, 0.25]);
    expect(point).toEqual({ share: 0.25, loss: 6, strength: 0.5 });
    // Past the target and back: strength rises to 1.2 at half of the way.
    const hump = (share: number): number => 1 - (2.8 * share - 1.8 * share * share);
    const found = await pointOfStrength(async (share) => hump(share), { before: 1, full: 0 }, HALF);
    expect(Math.abs(1 - hump(found!.share) - 0.5)).toBeLessThanOrEqual(0.05);
  });

  test('of 0 and of 1 is at the ends, without measuring; none where there is no effect', async () => {
    const never = () => Promise.reject(new Error('measured'));
    const losses = { before: 3, full: 1 };
    expect(await pointOfStrength(never, losses, { strength: 1, tolerance: 0 })).toMatchObject({ share: 1 });
    expect(await pointOfStrength(never, losses, { strength: 0, tolerance: 0 })).toMatchObject({ share: 0 });
    expect(await pointOfStrength(never, { before: 1, full: 1 }, HALF)).toBeNull();
  });
});

describe('rows with extras', () => {
  const rows: BakingRow[] = [1, 2, 3].map((n) => ({
    ids: Int32Array.of(n, n),
    targets: Int32Array.of(n, -100),
    segments: new Int32Array(2),
    extras: { worth: Float32Array.of(n / 2, n, n), seen: Int32Array.of(n) },
  }));
  const extras = {
    worth: { shape: [3], dtype: 'float32' },
    seen: { shape: [], dtype: 'int32' },
  } as const;

  test('become batches of one shape; a row that is missing has no targets', () => {
    expect(batchExtras(extras, 2)).toEqual({
      worth: { shape: [2, 3], dtype: 'float32' },
      seen: { shape: [2], dtype: 'int32' },
    });
    const [first, last] = bakingBatches({ rows, extras }, 2);
    expect(first).toEqual({
      ids: Int32Array.of(1, 1, 2, 2),
      targets: Int32Array.of(1, -100, 2, -100),
      segments: new Int32Array(4),
      extras: { worth: Float32Array.of(0.5, 1, 1, 1, 2, 2), seen: Int32Array.of(1, 2) },
    });
    expect(last!.targets).toEqual(Int32Array.of(3, -100, -100, -100));
    expect(last!.extras!['worth']).toEqual(Float32Array.of(1.5, 3, 3, 0, 0, 0));
  });

  test('come once per epoch, in another order each, and go on where they were', () => {
    const source = new BakingSource({ rows, extras }, 7);
    const drawn = (from: BakingSource, count: number): number[] =>
      Array.from({ length: count }, () => from.nextBatch(1).ids[0]!);
    const epochs = Array.from({ length: 6 }, () => drawn(source, 3));
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([1, 2, 3]);
    expect(new Set(epochs.map(String)).size).toBeGreaterThan(1);
    const [before, after] = [new BakingSource({ rows, extras }, 7), new BakingSource({ rows, extras }, 7)];
    drawn(before, 4);
    after.restore(JSON.parse(JSON.stringify(before.state())));
    expect(drawn(after, 6)).toEqual(drawn(before, 6));
    // What is drawn carries what belongs to it.
    const { ids, extras: own } = source.nextBatch(2);
    expect([...own!['seen']!]).toEqual([ids[0], ids[2]]);
  });
});
