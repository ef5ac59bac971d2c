import * as merges from '../../../plugins/merges/index.js';
import { closeTo, mergeWith } from '../../support/merging.js';

const [A, B, C] = [
  [1, 2, 3],
  [5, -2, 0],
  [0, 3, 6],
] as const;

describe('dfs', () => {
  const base = [0, 0, 0];

  test('equal importances: the plain mean', async () => {
    const importance = [
      [2, 5, 1],
      [2, 5, 1],
      [2, 5, 1],
    ];
    closeTo(await mergeWith(merges.dfs(), { models: [A, B, C], importance }), [2, 1, 3], 6);
  });

  test('an importance without bound: that model', async () => {
    const importance = [
      [1, 1, 1],
      [1e20, 1e20, 1e20],
    ];
    closeTo(
      await mergeWith(merges.dfs({ balance: false, epsilon: 0 }), { models: [A, B], importance }),
      B,
      6,
    );
    closeTo(
      await mergeWith(merges.dfs(), {
        models: [A, B],
        importance: [
          [1, 0, 0],
          [0, 1, 1],
        ],
      }),
      [1, -2, 0],
      4,
    );
  });

  test('no importance: by the squared differences to the base; no base either: the mean', async () => {
    closeTo(
      await mergeWith(merges.dfs({ balance: false, epsilon: 0 }), { models: [A, B], base }),
      [(1 + 125) / 26, (8 - 8) / 8, 3],
      5,
    );
    closeTo(await mergeWith(merges.dfs(), { models: [A, B] }), [3, 0, 1.5], 6);
  });

  test('importances that do not fit are refused', async () => {
    for (const importance of [
      [[1, 1, 1]],
      [
        [1, 1, 1],
        [1, 1],
      ],
    ]) {
      await expect(mergeWith(merges.dfs(), { models: [A, B], importance })).rejects.toMatchObject({
        code: 'AF_MERGE_SHAPE',
      });
    }
  });
});

describe('franken', () => {
  const models = [[0], [1], [2], [3]];
  const donors = async (plugin: ReturnType<typeof merges.franken>, layers: number, count = 4) =>
    Promise.all(
      Array.from({ length: layers }, async (_, layer) =>
        Number((await mergeWith(plugin, { models: models.slice(0, count), layer }))[0]),
      ),
    );

  test("ABAC, or a pattern of one's own, or a map", async () => {
    expect(await donors(merges.franken(), 8, 3)).toEqual([0, 1, 0, 2, 0, 1, 0, 2]);
    expect(await donors(merges.franken(), 4, 2)).toEqual([0, 1, 0, 1]);
    expect(await donors(merges.franken({ pattern: 'ABBA' }), 6)).toEqual([0, 1, 1, 0, 0, 1]);
    expect(await donors(merges.franken({ layers: [2, 2, 1] }), 5)).toEqual([2, 2, 1, 0, 0]);
  });

  test("what belongs to no layer is the first model's", async () => {
    expect([...(await mergeWith(merges.franken({ pattern: 'B' }), { models }))]).toEqual([0]);
  });

  test("at random: the same for the same seed, at least half of the layers the first model's", async () => {
    const drawn = await donors(merges.franken({ pattern: 'random', seed: 3 }), 200);
    expect(await donors(merges.franken({ pattern: 'random', seed: 3 }), 200)).toEqual(drawn);
    expect(await donors(merges.franken({ pattern: 'random', seed: 4 }), 200)).not.toEqual(drawn);
    expect(drawn.filter((donor) => donor === 0).length).toBeGreaterThanOrEqual(100);
    for (const donor of [1, 2, 3]) expect(drawn.filter((each) => each === donor).length).toBeGreaterThan(5);
  });

  test('whole tensors of one layer come from one model', async () => {
    const plugin = merges.franken({ pattern: 'random', seed: 9 });
    for (let layer = 0; layer < 6; layer++) {
      const [up] = await mergeWith(plugin, { name: 'up', models, layer });
      const [down] = await mergeWith(plugin, { name: 'down', models, layer });
      expect(up).toBe(down);
    }
  });

  test('a model that is not there is refused', async () => {
    await expect(
      mergeWith(merges.franken({ pattern: 'ABAC' }), { models: [A, B], layer: 3 }),
    ).rejects.toMatchObject({
      code: 'AF_MERGE_MODELS',
    });
    await expect(mergeWith(merges.franken({ pattern: 'abc' }), { models: [A, B] })).rejects.toMatchObject({
      code: 'AF_CONFIG_INVALID',
    });
  });
});
