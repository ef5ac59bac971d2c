import { COMPRESSOR, defineCompressor, type Compressor } from '../../core/contracts/compressor.js';
import { DATASET, type DataRecord, type Dataset } from '../../core/contracts/dataset.js';
import { ForgeError } from '../../core/errors/index.js';
import {
  compressorConformance,
  datasetConformance,
  implementationOf,
  tinyDataset,
  tinyRecords,
} from '../../testing/index.js';
import { failures, fails, testConformance } from '../support/conformance.js';

describe('the tiny dataset conforms', () => {
  testConformance(datasetConformance(() => implementationOf(DATASET, tinyDataset())));

  test('its records depend on the seed alone', () => {
    expect(tinyRecords(3, 1)).toEqual(tinyRecords(3, 1));
    expect(tinyRecords(3, 1)).not.toEqual(tinyRecords(3, 2));
  });
});

function dataset(records: readonly DataRecord[], more: Partial<Dataset> = {}): Dataset {
  return { category: 'qa', synthetic: true, load: () => Promise.resolve(records), ...more };
}

describe('a wrong dataset fails, in the case that is about it', () => {
  const whole = 'gives whole records of a known category';
  test.each<[string, string, () => Dataset]>([
    ['no records', whole, () => dataset([])],
    ['an empty text', whole, () => dataset([{ text: ' ' }])],
    ['parts that are not the whole', whole, () => dataset([{ text: 'ab', input: 'a', output: 'c' }])],
    ['an input without an output', whole, () => dataset([{ text: 'ab', input: 'ab' }])],
    ['a NaN in the metadata', whole, () => dataset([{ text: 'ab', metadata: { score: NaN } }])],
    [
      'a new order each time',
      'gives the same records every time',
      () => {
        const load = { n: 0 };
        return dataset([], { load: () => Promise.resolve([{ text: `${Math.random()} ${load.n++}` }]) });
      },
    ],
    [
      'a grader that refuses the answer',
      'grades its own answers as right, and no answer as not',
      () => dataset([{ text: 'ab', input: 'a', output: 'b' }], { grade: () => false }),
    ],
    [
      'a grader that takes anything',
      'grades its own answers as right, and no answer as not',
      () => dataset([{ text: 'ab', input: 'a', output: 'b' }], { grade: () => true }),
    ],
    [
      'files that are not missed',
      'says what is missing when its files are not there',
      () => dataset([{ text: 'ab' }]),
    ],
  ])('%s', async (_, name, make) => {
    expect(await fails(datasetConformance(make, { needsFiles: true }), name)).toBe(true);
  });

  test('a dataset that misses its files passes', async () => {
    const load: Dataset['load'] = ({ root }) =>
      root === 'there'
        ? Promise.resolve([{ text: 'x' }])
        : Promise.reject(new ForgeError('AF_DATA_NOT_FOUND', 'no file'));
    expect(
      await failures(datasetConformance(() => dataset([], { load }), { root: 'there', needsFiles: true })),
    ).toEqual([]);
  });
});

const identity: Compressor = {
  maxRelativeError: 0,
  compress: ({ shape, data }) => ({
    shape,
    bytes: new Uint8Array(Float32Array.from(data).buffer),
    header: {},
  }),
  decompress: ({ shape, bytes }) => ({
    shape,
    dtype: 'float32',
    data: new Float32Array(bytes.slice().buffer),
  }),
};

describe('an exact codec conforms', () => {
  const exact = defineCompressor({ name: 'exact', create: () => identity });
  testConformance(compressorConformance(() => implementationOf(COMPRESSOR, exact())));
});

describe('a wrong codec fails, in the case that is about it', () => {
  const halved = (compressor: Compressor): Compressor => ({
    ...compressor,
    decompress: (packed) => {
      const tensor = compressor.decompress(packed);
      return { ...tensor, data: Float32Array.from(tensor.data, (value) => value / 2) };
    },
  });
  test.each<[string, string, () => Compressor]>([
    ['half of every weight', 'brings normal weights back within its declared error', () => halved(identity)],
    [
      'an error that grows with scale',
      'does so at any scale',
      () => ({
        ...identity,
        maxRelativeError: 0.01,
        compress: (tensor) =>
          identity.compress({
            ...tensor,
            data: Float32Array.from(tensor.data, (value) => Math.max(-1, Math.min(1, value))),
          }),
      }),
    ],
    [
      'zeros that move',
      'brings zeros back as zeros',
      () => ({
        ...identity,
        maxRelativeError: 1e9,
        decompress: (packed) => {
          const tensor = identity.decompress(packed);
          return { ...tensor, data: Float32Array.from(tensor.data, (value) => value + 1e-9) };
        },
      }),
    ],
    [
      'an input written to',
      'does not write to its input',
      () => ({
        ...identity,
        compress: (tensor) => {
          const packed = identity.compress(tensor);
          tensor.data.fill(0);
          return packed;
        },
      }),
    ],
    [
      'a header with the weights in it',
      'brings normal weights back within its declared error',
      () => {
        let kept: Compressor['decompress'] | null = null;
        return {
          maxRelativeError: 0,
          compress: (tensor) => {
            kept = () => tensor;
            return { shape: tensor.shape, bytes: new Uint8Array(), header: { nan: NaN } };
          },
          decompress: (packed) => {
            if (String(packed.header['nan']) === 'null') throw new Error('lost');
            return kept!(packed);
          },
        };
      },
    ],
    ['an error it does not name', 'declares its error', () => ({ ...identity, maxRelativeError: NaN })],
  ])('%s', async (_, name, make) => {
    expect(await fails(compressorConformance(make), name)).toBe(true);
  });
});
