import type { HostTensor } from '../../../core/contracts/tensor.js';
import { halvesOf } from '../../../nn/packing/index.js';
import { int4, int8 } from '../../../plugins/compressors/index.js';
import { compressorOf, LAYOUTS, relativeSquaredError, roundTrip, weights } from './support.js';

const tensor = (shape: readonly number[], data: readonly number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});

describe('int8', () => {
  test('bytes by hand: codes as the tensor lies, then a scale per row of outputs', async () => {
    const compressor = await compressorOf(int8());
    const matrix = tensor([2, 2], [127, 1, 2.5, -254]);
    const { bytes } = compressor.compress(matrix, { layout: 'out-in' });
    // Scales 1 and 2; 2.5 / 2 rounds to 1.
    expect([...bytes]).toEqual([127, 1, 1, 129, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
    const columns = compressor.compress(matrix, { layout: 'in-out' });
    // Outputs are the columns: scales 1 and 2; 2.5 is halfway and becomes even.
    expect([...columns.bytes]).toEqual([127, 0, 2, 129, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
  });

  test('every weight is within half a step of its row', async () => {
    const compressor = await compressorOf(int8());
    const given = weights([20, 64]);
    const { data } = roundTrip(compressor, given, { layout: 'out-in' });
    for (let row = 0; row < 20; row++) {
      const part = given.data.subarray(64 * row, 64 * (row + 1));
      const step = Math.max(...[...part].map(Math.abs)) / 127;
      part.forEach((value, i) => {
        expect(Math.abs(data[64 * row + i]! - value)).toBeLessThanOrEqual(step * 0.500001);
      });
    }
  });

  test('relative squared error of Gaussian rows of 512', async () => {
    const compressor = await compressorOf(int8());
    const given = weights([400, 512]);
    const error = relativeSquaredError(roundTrip(compressor, given, { layout: 'out-in' }), given);
    // The step is 1/127 of the largest of 512, about 3.1 standard deviations: (3.1 / 127)^2 / 12.
    expect(error).toBeGreaterThan(4e-5);
    expect(error).toBeLessThan(6e-5);
  });

  test('the code -128, which no weight has, is refused', async () => {
    const compressor = await compressorOf(int8());
    const compressed = compressor.compress(weights([4, 4]));
    const bytes = compressed.bytes.slice();
    bytes[3] = 128;
    expect(() => compressor.decompress({ ...compressed, bytes })).toThrow(
      expect.objectContaining({
        code: 'AF_COMPRESSED_FORMAT',
        message: expect.stringContaining('code 3 is -128') as string,
      }),
    );
  });
});

describe('int4', () => {
  test('bytes by hand: nibbles low first, then a half float scale per block', async () => {
    const compressor = await compressorOf(int4());
    // The largest |w| is 8 and gets the code -8: the scale is -1.
    const { bytes } = compressor.compress(tensor([4], [8, -3, 0.5, -8]));
    // Codes -8, 3, 0 (-0.5 to even), 7 (8 cut off), each + 8.
    expect([...bytes]).toEqual([0 | (11 << 4), 8 | (15 << 4), 0x00, 0xbc]);
    expect([...roundTrip(compressor, tensor([4], [8, -3, 0.5, -8])).data]).toEqual([8, -3, -0, -7]);
  });

  test('scales are of 32 inputs of a row of outputs, in either layout', async () => {
    const compressor = await compressorOf(int4());
    for (const layout of LAYOUTS) {
      const shape = layout === 'out-in' ? [3, 70] : [70, 3];
      const { bytes } = compressor.compress(weights(shape), { layout });
      expect(bytes).toHaveLength(105 + 2 * 3 * 3);
    }
    // One output whose second block is a thousand times the first.
    const large = tensor(
      [1, 64],
      [...weights([32]).data, ...weights([32]).data.map((value) => 1000 * value)],
    );
    const { bytes } = compressor.compress(large, { layout: 'out-in' });
    const [first, second] = halvesOf(bytes.subarray(32));
    expect(second! / first!).toBeCloseTo(1000, -1);
  });

  /** The specification of GGUF Q4_0 against codes from -7 to 7, which waste one code of sixteen. */
  test('the signed maximum has a fifth less error on Gaussian weights than symmetric codes', async () => {
    const compressor = await compressorOf(int4());
    const given = weights([6400, 32]);
    const error = relativeSquaredError(roundTrip(compressor, given, { layout: 'out-in' }), given);
    const even = relativeSquaredError(symmetric(given), given);
    expect(error).toBeCloseTo(0.0074, 3);
    expect(even).toBeCloseTo(0.0094, 3);
    expect(error / even).toBeLessThan(0.8);
  });

  test('padding that is not 0 is refused', async () => {
    const compressor = await compressorOf(int4());
    const compressed = compressor.compress(weights([3]));
    const bytes = compressed.bytes.slice();
    bytes[1]! |= 0x10;
    expect(() => compressor.decompress({ ...compressed, bytes })).toThrow(
      expect.objectContaining({ code: 'AF_COMPRESSED_FORMAT' }),
    );
  });
});

/** Codes from -7 to 7 with a scale max |w| / 7 for each 32 weights. */
function symmetric({ shape, data }: HostTensor): HostTensor {
  const found = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += 32) {
    const block = data.subarray(start, start + 32);
    const scale = Math.max(...[...block].map(Math.abs)) / 7;
    block.forEach((value, i) => (found[start + i] = scale * Math.round(value / scale)));
  }
  return { shape, dtype: 'float32', data: found };
}
