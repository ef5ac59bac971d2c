import type { HostTensor } from '../../../core/contracts/tensor.js';
import { ternary } from '../../../plugins/compressors/index.js';
import { compressorOf, LAYOUTS, relativeSquaredError, roundTrip, weights } from './support.js';

const tensor = (shape: readonly number[], data: readonly number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});

test('bytes by hand: codes five to a byte, then the scale', async () => {
  const compressor = await compressorOf(ternary());
  // Mean |w| = 2; codes 1 -1 0 0 1 | 0.
  const { bytes, header } = compressor.compress(tensor([2, 3], [4, -3, 0.5, -0.5, 3, 1]));
  expect([...bytes]).toEqual([2 + 0 + 9 + 27 + 162, 1 + 3 + 9 + 27 + 81, 0, 0, 0, 0x40]);
  expect(header).toEqual({ layout: 'in-out', granularity: 'tensor' });
});

test.each(LAYOUTS)('a scale per row of outputs is of the outputs (%s)', async (layout) => {
  const compressor = await compressorOf(ternary({ granularity: 'row' }));
  // Two outputs, 1, 3 and 10, 30, of means 2 and 20.
  const [given, expected] =
    layout === 'out-in'
      ? [
          [1, 3, 10, 30],
          [0, 2, 0, 20],
        ]
      : [
          [1, 10, 3, 30],
          [0, 0, 2, 20],
        ];
  expect([...roundTrip(compressor, tensor([2, 2], given), { layout }).data]).toEqual(expected);
});

test('the packed block is the one of the fastest kernel, up to the option', async () => {
  const blockOf = async (inputs: number, block?: 16 | 32 | 64 | 128 | 256): Promise<number> => {
    const compressor = await compressorOf(block === undefined ? ternary() : ternary({ block }));
    return compressor.packed!(compressor.compress(weights([inputs, 2]))).block;
  };
  expect(await Promise.all([512, 576, 192, 48, 40, 5].map((inputs) => blockOf(inputs)))).toEqual([
    128, 128, 64, 32, 32, 32,
  ]);
  expect(await Promise.all([blockOf(512, 256), blockOf(512, 32)])).toEqual([128, 32]);
});

test('weights far below the least scale become zeros', async () => {
  const compressor = await compressorOf(ternary());
  const { data } = roundTrip(compressor, tensor([3], [1e-6, -2e-6, 3e-6]));
  expect([...data]).toEqual([0, 0, 0]);
});

/** Share of zeros and relative squared error with both scales: measured for the specification on samples of its own. */
const TABLE = [
  { threshold: 0.05, gaussian: 3.2, laplace: 4.9, measure: 0.344, kept: 0.344 },
  { threshold: 0.1, gaussian: 6.4, laplace: 9.5, measure: 0.327, kept: 0.325 },
  { threshold: 0.3, gaussian: 18.9, laplace: 25.9, measure: 0.279, kept: 0.259 },
  { threshold: 0.5, gaussian: 31.0, laplace: 39.3, measure: 0.264, kept: 0.213 },
  { threshold: 0.7, gaussian: 42.4, laplace: 50.3, measure: 0.278, kept: 0.192 },
] as const;

describe.each(TABLE)('threshold $threshold', ({ threshold, gaussian, laplace, measure, kept }) => {
  const SAMPLES = [200_000];

  test('zeros of Gaussian and Laplace weights', async () => {
    const compressor = await compressorOf(ternary({ threshold }));
    for (const [distribution, percent] of [
      ['normal', gaussian],
      ['laplace', laplace],
    ] as const) {
      const { data } = roundTrip(compressor, weights(SAMPLES, distribution));
      const zeros = [...data].filter((value) => value === 0).length;
      // Two standard deviations of a share of 200,000 are at most 0.22%.
      expect(Math.abs((100 * zeros) / data.length - percent)).toBeLessThan(0.05 + 0.22);
    }
  });

  test.each([
    ['measure', measure],
    ['kept', kept],
  ] as const)('relative squared error of Gaussian weights, scale %s', async (scale, expected) => {
    const compressor = await compressorOf(ternary({ threshold, scale }));
    const tensor = weights(SAMPLES);
    const error = relativeSquaredError(roundTrip(compressor, tensor), tensor);
    expect(Math.abs(error - expected)).toBeLessThan(0.0005 + 0.0015);
  });
});
