import { MERGE } from '../../../core/contracts/merge.js';
import * as merges from '../../../plugins/merges/index.js';
import { implementationOf } from '../../../testing/index.js';
import { closeTo, family, mergeWith, normals } from '../../support/merging.js';

const [A, B, C] = [
  [1, 2, 3],
  [5, -2, 0],
  [0, 3, 6],
] as const;

describe('linear', () => {
  test('the mean, the weighted mean, the plain sum', async () => {
    closeTo(await mergeWith(merges.linear(), { models: [A, B, C] }), [2, 1, 3], 6);
    closeTo(await mergeWith(merges.linear(), { models: [A, B], weights: [3, 1] }), [2, 1, 2.25], 6);
    closeTo(
      await mergeWith(merges.linear({ normalize: false }), { models: [A, B], weights: [3, 1] }),
      [8, 4, 9],
      6,
    );
  });

  test('weights that cancel have no mean', async () => {
    const cancelling = { name: 'layers.0.up', models: [A, B], weights: [1, -1] };
    await expect(mergeWith(merges.linear(), cancelling)).rejects.toMatchObject({
      code: 'AF_MERGE_WEIGHTS',
      at: 'layers.0.up',
    });
    closeTo(await mergeWith(merges.linear({ normalize: false }), cancelling), [-4, 4, 3], 6);
  });
});

describe('slerp', () => {
  test('of two: by t, from the first to the second', async () => {
    const pair = [
      [1, 0],
      [0, 2],
    ];
    closeTo(await mergeWith(merges.slerp(), { models: pair }), [Math.SQRT1_2, Math.SQRT2], 6);
    closeTo(await mergeWith(merges.slerp(), { models: pair, parameters: { t: 0 } }), [1, 0], 7);
    closeTo(await mergeWith(merges.slerp({ t: 1 }), { models: pair }), [0, 2], 7);
    closeTo(
      await mergeWith(merges.slerp({ t: 1 / 3 }), { models: pair }),
      [Math.cos(Math.PI / 6), 2 * Math.sin(Math.PI / 6)],
      6,
    );
  });

  test('of two: weights shift t by their odds', async () => {
    const pair = [
      [1, 0],
      [0, 2],
    ];
    const shifted = await mergeWith(merges.slerp(), { models: pair, weights: [3, 1] });
    closeTo(shifted, await mergeWith(merges.slerp({ t: 0.25 }), { models: pair }), 6);
    closeTo(await mergeWith(merges.slerp({ t: 0.3 }), { models: pair, weights: [0, 2] }), [0, 2], 6);
  });

  test('of three: the Karcher mean, by hand', async () => {
    const axes = [
      [1, 0, 0],
      [0, 2, 0],
      [0, 0, 3],
    ];
    closeTo(await mergeWith(merges.slerp(), { models: axes }), [1.1547, 1.1547, 1.1547], 4);
    closeTo(await mergeWith(merges.karcher(), { models: axes }), [1.1547, 1.1547, 1.1547], 4);
  });
});

test('task arithmetic: theta_0 + lambda sum w delta', async () => {
  const base = [1, 1, 1];
  const merged = await mergeWith(merges.taskArithmetic({ lambda: 0.5 }), {
    base,
    models: [A, B],
    weights: [1, 2],
  });
  closeTo(merged, [5, -1.5, 1], 6);
  const mean = await mergeWith(merges.taskArithmetic({ normalize: true }), {
    base,
    models: [A, B],
    weights: [1, 2],
  });
  closeTo(mean, [11 / 3, -2 / 3, 1], 5);
});

describe('ties', () => {
  const models = [
    [3, -1, 0.5, 2, -0.1],
    [-2, -1.5, 0.6, 1, 0.2],
    [1, 2, -0.4, -3, 0.3],
  ];
  const base = [0, 0, 0, 0, 0];

  test('numbers worked out by hand', async () => {
    expect([...(await mergeWith(merges.ties({ density: 0.4 }), { models, base }))]).toEqual([3, 2, 0, -3, 0]);
    const counted = await mergeWith(merges.ties({ density: 0.4, consensus: 'count' }), { models, base });
    expect([...counted]).toEqual([3, 2, 0, 2, 0]);
  });

  test('a density for each model', async () => {
    const modelParameters = [{ density: 0.2 }, { density: 1 }, { density: 0.2 }];
    const merged = await mergeWith(merges.ties(), { models, base, modelParameters });
    closeTo(merged, [3, -1.5, 0.6, -3, 0.2], 6);
  });
});

describe('model stock', () => {
  test('three models with a mean cosine of one half: t = .75', async () => {
    const [h, s] = [0.5, Math.sqrt(3) / 2];
    const models = [
      [1, 0, 0],
      [h, s, 0],
      [h, s / 3, Math.sqrt(2 / 3)],
    ];
    const mean = [(1 + 2 * h) / 3, (s + s / 3) / 3, Math.sqrt(2 / 3) / 3];
    closeTo(
      await mergeWith(merges.modelStock(), { models, base: [0, 0, 0] }),
      mean.map((each) => 0.75 * each),
      6,
    );
    const base = [10, -4, 2];
    const moved = models.map((model) => model.map((each, i) => each + base[i]!));
    const expected = mean.map((each, i) => 0.75 * (each + base[i]!) + 0.25 * base[i]!);
    closeTo(await mergeWith(merges.modelStock(), { models: moved, base }), expected, 5);
  });

  test('a ratio for each row', async () => {
    const models = [
      [1, 0, 1, 0],
      [1, 0, 0, 1],
    ];
    const merged = await mergeWith(merges.modelStock({ filter_wise: true }), {
      shape: [2, 2],
      models,
      base: [0, 0, 0, 0],
    });
    closeTo(merged, [1, 0, 0, 0], 6);
  });

  test('opposite differences: the base', async () => {
    const models = [
      [2, 3],
      [0, -1],
    ];
    closeTo(await mergeWith(merges.modelStock(), { models, base: [1, 1] }), [1, 1], 6);
  });
});

describe('nuslerp', () => {
  test('t is the share of the second weight; straight between parallel vectors', async () => {
    const pair = [
      [1, 0],
      [0, 2],
    ];
    closeTo(
      await mergeWith(merges.nuslerp(), { models: pair, weights: [2, 1] }),
      [Math.cos(Math.PI / 6), 2 * Math.sin(Math.PI / 6)],
      6,
    );
    closeTo(
      await mergeWith(merges.nuslerp(), {
        models: [
          [1, 2],
          [3, 6],
        ],
        weights: [1, 3],
      }),
      [2.5, 5],
      6,
    );
    closeTo(
      await mergeWith(merges.nuslerp(), {
        models: [
          [1, 2],
          [-1, -2],
        ],
        weights: [1, 1],
      }),
      [0, 0],
      6,
    );
    closeTo(
      await mergeWith(merges.nuslerp(), { models: pair, weights: [1, -1] }),
      [Math.SQRT1_2, Math.SQRT2],
      6,
    );
  });

  test('of differences to a base, and vector by vector', async () => {
    const base = [10, 10, 10, 10];
    const models = [
      [11, 10, 10, 10],
      [10, 12, 10, 13],
    ];
    const whole = await mergeWith(merges.nuslerp(), { shape: [2, 2], base, models });
    closeTo(whole, [10 + Math.SQRT1_2, 10 + Math.SQRT2, 10, 10 + 3 * Math.SQRT1_2], 5);
    const rows = await mergeWith(merges.nuslerp({ nuslerp_flatten: false }), { shape: [2, 2], base, models });
    closeTo(rows, [10 + Math.SQRT1_2, 10 + Math.SQRT2, 10, 11.5], 5);
    const columns = await mergeWith(merges.nuslerp({ nuslerp_flatten: false, nuslerp_row_wise: true }), {
      shape: [2, 2],
      base,
      models,
    });
    closeTo(columns, [10.5, 11, 10, 11.5], 5);
  });
});

describe('multislerp', () => {
  test('direction and length of the weighted mean, also of differences', async () => {
    const models = [
      [3, 0],
      [0, 1],
    ];
    closeTo(await mergeWith(merges.multislerp(), { models, weights: [2, 2] }), [Math.SQRT2, Math.SQRT2], 6);
    const moved = models.map((model) => model.map((each) => each + 5));
    closeTo(
      await mergeWith(merges.multislerp(), { models: moved, base: [5, 5], weights: [2, 2] }),
      [5 + Math.SQRT2, 5 + Math.SQRT2],
      6,
    );
    const doubled = await mergeWith(merges.multislerp({ normalize_weights: false }), {
      models,
      weights: [1, 1],
    });
    closeTo(doubled, [2 * Math.SQRT2, 2 * Math.SQRT2], 6);
  });
});

test('passthrough: the tensor itself, or times a factor', async () => {
  const model = Float32Array.from(A);
  expect(await mergeWith(merges.passthrough(), { models: [model] })).toBe(model);
  closeTo(
    await mergeWith(merges.passthrough(), { models: [A], modelParameters: [{ scale: -0.5 }] }),
    [-0.5, -1, -1.5],
  );
});

test('nearswap: towards the model by at most t', async () => {
  const merged = await mergeWith(merges.nearswap({ t: 0.5 }), {
    base: [1, 1, 1, 1],
    models: [[1.2, 3, -4, 1]],
  });
  closeTo(merged, [1.2, 1.5, 0.5, 1], 6);
});

test('breadcrumbs: neither the largest nor the smallest', async () => {
  const models = [[1, 2, 3, 4, 5, 6, 7, 8, 9, -10]];
  const base = new Array<number>(10).fill(0);
  const parameters = [{ density: 0.5, gamma: 0.1 }];
  const merged = await mergeWith(merges.breadcrumbs(), { models, base, modelParameters: parameters });
  expect([...merged]).toEqual([0, 0, 0, 0, 5, 6, 7, 8, 9, 0]);
});

test('sce: by hand', async () => {
  const models = [
    [4, 1, 0],
    [2, -1, 0],
  ];
  const base = [0, 0, 0];
  const [w1, w2] = [17 / 22, 5 / 22];
  closeTo(await mergeWith(merges.sce(), { models, base }), [w1 * 4 + w2 * 2, 1, 0], 5);
  closeTo(await mergeWith(merges.sce({ select_topk: 0.5 }), { models, base }), [3.6, 0, 0], 5);
});

test('arcee fusion: what stands out comes from the model, the rest from the base', async () => {
  const { base, models } = family(400, 1, 1e-3);
  const model = models[0]!.slice();
  for (const at of [3, 77, 250]) model[at]! += 1;
  const merged = await mergeWith(merges.arceeFusion(), { base, models: [model], shape: [4, 100] });
  for (const at of [3, 77, 250]) expect(merged[at]).toBe(model[at]);
  expect(merged.filter((each, i) => each === base[i]).length).toBeGreaterThan(200);
  expect([...merged.keys()].every((i) => merged[i] === base[i] || merged[i] === model[i])).toBe(true);
});

describe('bad input is refused with the tensor named', () => {
  const base = normals(3, 1, 'bad');

  test.each([
    ['no base', merges.ties(), { models: [A] }, 'AF_MERGE_BASE'],
    ['too few models', merges.slerp(), { models: [A] }, 'AF_MERGE_MODELS'],
    ['too many models', merges.passthrough(), { models: [A, B] }, 'AF_MERGE_MODELS'],
    ['lengths that differ', merges.linear(), { models: [A, [1, 2]] }, 'AF_MERGE_SHAPE'],
    ['a base of another length', merges.ties(), { models: [A], base: [1] }, 'AF_MERGE_SHAPE'],
    ['a weight missing', merges.linear(), { models: [A, B], weights: [1] }, 'AF_MERGE_WEIGHTS'],
    ['a weight of NaN', merges.linear(), { models: [A, B], weights: [1, NaN] }, 'AF_MERGE_WEIGHTS'],
    ['a parameter of NaN', merges.slerp(), { models: [A, B], parameters: { t: NaN } }, 'AF_MERGE_PARAMETER'],
    [
      'a parameter of the wrong type',
      merges.linear(),
      { models: [A], parameters: { normalize: 1 } },
      'AF_MERGE_PARAMETER',
    ],
    [
      'a parameter of one model of the wrong type',
      merges.ties(),
      { models: [A, B], base, modelParameters: [{ density: 0.5 }, { density: true }] },
      'AF_MERGE_PARAMETER',
    ],
  ])('%s', async (_, plugin, given, code) => {
    await expect(mergeWith(plugin, { name: 'layers.3.query', ...given })).rejects.toMatchObject({
      code,
      fix: expect.stringMatching(/\S/),
      ...(code === 'AF_MERGE_SHAPE' ? {} : { at: 'layers.3.query' }),
    });
  });

  test('options out of range', async () => {
    for (const plugin of [
      merges.ties({ density: 2 }),
      merges.dare({ lambda: -1 }),
      merges.karcher({ tol: -1 }),
    ]) {
      await expect(mergeWith(plugin, { models: [A, B], base })).rejects.toMatchObject({
        code: 'AF_CONFIG_INVALID',
      });
    }
  });
});

test('options are the defaults of what recipes may set', async () => {
  const method = await implementationOf(MERGE, merges.ties({ density: 0.35, normalize: false }));
  expect(method.parameters).toMatchObject({
    density: { scope: 'model', default: 0.35, minimum: 0, maximum: 1 },
    normalize: { scope: 'merge', default: false },
    lambda: { scope: 'merge', default: 1 },
  });
});
