import { ARCHITECTURE, type Architecture } from '../../../core/contracts/architecture.js';
import { countParameters, initializeWeights } from '../../../nn/models/index.js';
import { titansMag } from '../../../plugins/architectures/index.js';
import {
  architectureConformance,
  implementationOf,
  tinyTitansMag as tinySizes,
} from '../../../testing/index.js';
import { testConformance } from '../../support/conformance.js';
import { livelyWeights, tinyTitansMag, titansMagSettings } from '../../support/titans-mag.js';

let architecture: Architecture;
beforeAll(async () => {
  architecture = await implementationOf(ARCHITECTURE, titansMag());
});

describe('titans-mag with short convolutions', () => {
  testConformance(
    architectureConformance(() => Promise.resolve(architecture), {
      hyperparameters: tinySizes({ shortConvolution: 4 }),
    }),
  );

  it('starts near the model without them', () => {
    const config = tinyTitansMag({ shortConvolution: 4, dropout: 0 });
    const weights = initializeWeights(architecture.describe(config), 1);
    const plain = initializeWeights(architecture.describe(tinyTitansMag()), 1);
    const kernels = Object.keys(weights).filter((name) => !(name in plain));
    expect(kernels).toHaveLength(config.layers * 3);
    expect(kernels[0]).toBe('layers.0.attention.queryConvolution');
    for (const name of Object.keys(plain)) expect(weights[name]).toEqual(plain[name]);
    for (const name of kernels) {
      expect(weights[name]!.shape).toEqual([4, config.dModel]);
      expect(Math.max(...weights[name]!.data.map(Math.abs))).toBeLessThan(0.1);
    }
  });
});

describe('titans-mag as an architecture', () => {
  it.each([
    ['25m', 25_900_801],
    ['1m', 963_009],
    ['tiny', 37_873],
  ])('its size %s has %i parameters', (size, parameters) => {
    const config = titansMagSettings(architecture.sizes![size]);
    expect(countParameters(architecture.describe(config))).toBe(parameters);
  });

  it('has specialists that differ in constants and never in shapes', () => {
    for (const size of [null, ...Object.keys(architecture.sizes!)]) {
      const settings = size === null ? {} : architecture.sizes![size]!;
      const shapes = Object.values(architecture.variants!(size)).map((variant) =>
        architecture
          .describe(titansMagSettings({ ...settings, ...variant }))
          .map(({ name, shape }) => [name, shape]),
      );
      expect(shapes).toHaveLength(3);
      for (const each of shapes) expect(each).toEqual(shapes[0]);
    }
  });

  it('averages constants in which models differ, and says what has no mean', () => {
    const configs = [4096, 8192, 2048].map((memoryCapacity) => titansMagSettings({ memoryCapacity }));
    expect(architecture.mergeConfigs!(configs)).toEqual({ ...configs[0], memoryCapacity: 4779 });
    expect(() => architecture.mergeConfigs!([configs[0], { ...configs[1], memoryCapacity: null }])).toThrow(
      expect.objectContaining({ code: 'AF_HANDOFF_INVALID', at: 'hyperparameters.memoryCapacity' }),
    );
  });

  it('grows its vocabulary by rows that are the mean of the old ones', () => {
    const config = tinyTitansMag();
    const weights = livelyWeights(config);
    const grown = architecture.growVocabulary!(config, weights, 3);
    expect(grown.config).toEqual({ ...config, vocabularySize: 43 });
    expect(architecture.describe(grown.config).find(({ role }) => role === 'embedding')!.shape).toEqual([
      43, 8,
    ]);
    const [before, after] = [weights['embedding.table']!, grown.weights['embedding.table']!];
    expect(after.shape).toEqual([43, 8]);
    expect(after.data.subarray(0, 320)).toEqual(before.data);
    const mean = Array.from({ length: 40 }, (_, row) => before.data[row * 8 + 5]!);
    expect(after.data[41 * 8 + 5]).toBeCloseTo(mean.reduce((sum, x) => sum + x, 0) / 40, 6);
    expect(grown.weights['norm']).toBe(weights['norm']);
  });

  it('estimates activations: more for training, for longer rows, for more of them', () => {
    const config = titansMagSettings({ vocabularySize: 1000, dModel: 64, layers: 4, heads: 2 });
    const bytes = (rows: number, length: number, training: boolean): number =>
      architecture.memoryBytes!(config, { rows, length, training });
    // 4 bytes * (2 rows * 16 tokens * 4 blocks * (24 * 64 + 3 * 2 * 16) + 4 * 32 * 1000)
    expect(bytes(2, 16, true)).toBe(4 * (2 * 16 * 4 * (24 * 64 + 3 * 2 * 16) + 4 * 32 * 1000));
    expect(bytes(2, 16, false)).toBeLessThan(bytes(2, 16, true));
    expect(bytes(2, 32, true)).toBeGreaterThan(2 * bytes(2, 16, true) - 1);
  });

  it('counts what its convolutions keep', () => {
    const small = { vocabularySize: 1000, dModel: 64, layers: 4, heads: 2 };
    const bytes = (shortConvolution: number): number =>
      architecture.memoryBytes!(titansMagSettings({ ...small, shortConvolution }), {
        rows: 2,
        length: 16,
        training: true,
      });
    // 4 bytes * 2 rows * 16 tokens * 4 blocks * 3 projections * 64, however many taps read them
    expect(bytes(1) - bytes(0)).toBe(4 * 2 * 16 * 4 * 3 * 64);
    expect(bytes(8)).toBe(bytes(1));
  });

  it('states facts under neutral names', () => {
    expect(architecture.facts!(titansMagSettings())).toEqual({
      layers: 8,
      hidden_size: 512,
      heads: 8,
      recursion_steps: 3,
    });
  });
});
