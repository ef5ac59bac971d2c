import { ENGINE, type Compressor, type Engine } from '../../core/contracts/index.js';
import type {
  Evaluator,
  FitnessTerm,
  MergeMethod,
  Mutation,
  Tokenizer,
  TokenizerKind,
} from '../../core/contracts/index.js';
import { ForgeError } from '../../core/errors/index.js';
import { tfjs } from '../../plugins/index.js';
import {
  compressorConformance,
  evaluatorConformance,
  fitnessConformance,
  implementationOf,
  mergeConformance,
  mutationConformance,
  tokenizerConformance,
} from '../../testing/index.js';
import { failures, fails, testConformance } from '../support/conformance.js';

/** UTF-8 bytes as ids: nothing to learn, nothing is compressed. */
const bytes: Tokenizer = {
  vocabularySize: 257,
  special: { pad: null, bos: null, eos: 256, unk: null, mask: null },
  encode: (text) => [...new TextEncoder().encode(text)],
  decode: (ids) => new TextDecoder().decode(Uint8Array.from(Array.from(ids).filter((id) => id < 256))),
  serialize: () => '{"kind":"bytes"}',
};
const byteKind: TokenizerKind = {
  train: () => Promise.resolve(bytes),
  load: (json) => {
    if (json === bytes.serialize()) return bytes;
    throw new ForgeError('AF_TOKENIZER_FORMAT', 'not ours');
  },
};

describe('an honest plugin that cannot meet a usual assumption says so by an option', () => {
  test('a tokenizer of bytes', async () => {
    expect(await failures(tokenizerConformance(() => byteKind))).toEqual([
      'compresses what it was trained on',
      'refuses a corpus that cannot fill its vocabulary',
    ]);
    expect(
      await failures(tokenizerConformance(() => byteKind, { compresses: false, learns: false })),
    ).toEqual([]);
  });

  test('a merge with a parameter that a recipe must give', async () => {
    const towards: MergeMethod = {
      arity: { min: 2, max: 2 },
      base: 'unused',
      parameters: {
        t: { scope: 'merge', default: null, minimum: 0, maximum: 1, description: 'Share of the second' },
      },
      merge: ({ models: [a, b], parameters: { t } }) => {
        if (typeof t !== 'number') throw new Error('t is missing');
        return a!.map((value, i) => (1 - t) * value + t * b![i]!);
      },
    };
    expect(
      await fails(
        mergeConformance(() => towards),
        'merging identical models gives the model',
      ),
    ).toBe(true);
    expect(await failures(mergeConformance(() => towards, { parameters: { t: 0.3 } }))).toEqual([]);
  });

  test('a mutation of recipes that are not among the usual ones', async () => {
    const own: Mutation = {
      propose: ({ id, recipe, seed }) =>
        recipe.operation === 'own' ? { operation: 'own', sources: [id], parameters: { n: 1 }, seed } : null,
      apply: (_, [source]) => source!,
    };
    const recipes = { own: { operation: 'own', sources: ['parent-a'], parameters: {}, seed: 1 } };
    expect(await failures(mutationConformance(() => own))).not.toEqual([]);
    expect(await failures(mutationConformance(() => own, { recipes }))).toEqual([]);
  });

  test('a fitness term of a number of its own', async () => {
    const term: FitnessTerm = {
      score: ({ own }, { own: best }) =>
        own === null || best === null || own < 0 || best <= 0
          ? { value: 1, reason: 'not measured' }
          : { value: Math.min(50, own / Math.max(best, 1)) },
    };
    expect(await failures(fitnessConformance(() => term))).toEqual(['is 1 at parity']);
    expect(await failures(fitnessConformance(() => term, { model: { own: 20 }, bound: 50 }))).toEqual([]);
  });

  test('a codec of half matrices at the scale of weights', async () => {
    const rows: Compressor = {
      maxRelativeError: 0.01,
      compress: ({ shape, data }) => {
        if (shape.length !== 2) throw new Error('matrices only');
        const codes = Int16Array.from(data, (value) => Math.round(value * 2 ** 14));
        return { shape, bytes: new Uint8Array(codes.buffer), header: {} };
      },
      decompress: ({ shape, bytes: raw }) => ({
        shape,
        dtype: 'float32',
        data: Float32Array.from(new Int16Array(raw.slice().buffer), (code) => code / 2 ** 14),
      }),
    };
    expect((await failures(compressorConformance(() => rows))).length).toBeGreaterThan(1);
    const options = {
      anyShape: false,
      shapes: [
        [8, 8],
        [4, 32],
      ],
      scales: [0.05, 0.1],
    };
    expect(await failures(compressorConformance(() => rows, options))).toEqual([]);
  });
});

describe('evaluators', () => {
  const engine = async (): Promise<Engine> =>
    (await implementationOf(ENGINE, tfjs({ backend: 'cpu' }))).open();
  /** Mean magnitude of the weights: a score that needs no engine. */
  const magnitude = (changes: Partial<Evaluator> = {}): Evaluator => ({
    lowerIsBetter: true,
    evaluate: ({ weights }) => {
      const all = Object.values(weights).flatMap(({ data }) => Array.from(data, Math.abs));
      return Promise.resolve({ score: all.reduce((sum, value) => sum + value, 0) / all.length });
    },
    ...changes,
  });

  testConformance(evaluatorConformance(() => magnitude(), { engine }));

  let calls = 0;
  test.each<[string, string, Partial<Evaluator>]>([
    ['NaN', 'gives a finite score, or null with the reason', { evaluate: async () => ({ score: NaN }) }],
    [
      'null without a reason',
      'gives a finite score, or null with the reason',
      { evaluate: async () => ({ score: null }) },
    ],
    ['a private counter', 'gives the same score every time', { evaluate: async () => ({ score: calls++ }) }],
    [
      'weights that are written to',
      'leaves the model as it was',
      {
        evaluate: async ({ weights }) => {
          Object.values(weights)[0]!.data.fill(0);
          return { score: 1 };
        },
      },
    ],
  ])('%s fails', async (_, name, changes) => {
    expect(
      await fails(
        evaluatorConformance(() => magnitude(changes), { engine }),
        name,
      ),
    ).toBe(true);
  });
});
