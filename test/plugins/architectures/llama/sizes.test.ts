import { ARCHITECTURE, type Architecture } from '../../../../core/contracts/architecture.js';
import { countParameters, initializeWeights } from '../../../../nn/models/index.js';
import { llama } from '../../../../plugins/index.js';
import { completeHyperparameters, implementationOf } from '../../../../testing/index.js';

let architecture: Architecture;
beforeAll(async () => {
  architecture = await implementationOf(ARCHITECTURE, llama());
});
const complete = (changes: Readonly<Record<string, unknown>>) =>
  completeHyperparameters(architecture, changes);

/** Llama 3.2 1B, and the shape of stories110M, have these published counts (the tied table once). */
test.each([
  ['1m', 1_000_576],
  ['5m', 5_475_584],
  ['25m', 26_745_216],
  ['110m', 109_529_856],
  ['1b', 1_235_814_400],
  ['micro', 5_456],
  ['tiny', 28_832],
])('the size %s has %i parameters', async (size, parameters) => {
  const config = await complete(architecture.sizes![size]!);
  expect(countParameters(architecture.describe(config))).toBe(parameters);
});

test('matrices say that they lie [out, in] and are linear; table and gains do not', async () => {
  const tensors = architecture.describe(await complete(architecture.sizes!['micro']!));
  for (const { name, layout, linear, role } of tensors) {
    const isMatrix = /(proj|lm_head)\.weight$/.test(name);
    expect({ name, layout, linear }).toEqual({
      ...{ name, layout: isMatrix ? 'out-in' : undefined, linear: isMatrix ? true : undefined },
    });
    if (name.endsWith('embed_tokens.weight')) expect(role).toBe('embedding');
  }
});

test.each([true, false])(
  'a vocabulary grows by rows that are the mean of the others; tied: %s',
  async (tied) => {
    const config = await complete({ ...architecture.sizes!['micro'], tiedHead: tied });
    const before = initializeWeights(architecture.describe(config), 3);
    const { config: grown, weights } = architecture.growVocabulary!(config, before, 2);
    expect(architecture.vocabularySize(grown)).toBe(50);
    const shapes = Object.entries(weights).map(([name, { shape }]) => [name, [...shape]]);
    expect(shapes).toEqual(architecture.describe(grown).map(({ name, shape }) => [name, [...shape]]));
    for (const name of ['model.embed_tokens.weight', ...(tied ? [] : ['lm_head.weight'])]) {
      const [old, now] = [before[name]!.data, weights[name]!.data];
      expect(Array.from(now.subarray(0, old.length))).toEqual(Array.from(old));
      let mean = 0;
      for (let row = 0; row < 48; row++) mean += old[row * 16 + 5]! / 48;
      for (const row of [48, 49]) expect(now[row * 16 + 5]).toBeCloseTo(mean, 6);
    }
  },
);

test('configs of one shape merge to the shortest context and the mean epsilon; other angles have no mean', async () => {
  const base = architecture.sizes!['micro']!;
  const [a, b, c] = [
    await complete({ ...base, contextLength: 64, normEpsilon: 1e-5 }),
    await complete({ ...base, contextLength: 32, normEpsilon: 3e-5, initializerStd: 0.1 }),
    await complete({ ...base, ropeTheta: 500000 }),
  ];
  const merged = architecture.mergeConfigs!([a, b]);
  expect(merged).toMatchObject({ contextLength: 32, initializerStd: 0.02 });
  expect(merged['normEpsilon']).toBeCloseTo(2e-5, 12);
  expect(() => architecture.mergeConfigs!([a, c])).toThrow(/differ in ropeTheta/);
});

test('an estimate of memory grows with what is computed', async () => {
  const config = await complete(architecture.sizes!['1m']!);
  const bytes = (rows: number, length: number, training: boolean) =>
    architecture.memoryBytes!(config, { rows, length, training });
  expect(bytes(2, 128, true)).toBeGreaterThan(bytes(1, 128, true));
  expect(bytes(1, 256, true)).toBeGreaterThan(bytes(1, 128, true));
  expect(bytes(1, 128, true)).toBeGreaterThan(bytes(1, 128, false));
});
