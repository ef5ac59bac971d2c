import * as tf from '@tensorflow/tfjs';
import type { CompressedTensor, CompressionHints, Compressor } from '../../../core/contracts/compressor.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import type { HostTensor } from '../../../core/contracts/tensor.js';
import { unpackedMatrix } from '../../../nn/quantization/index.js';
import { float16, float32, int4, int8, ternary } from '../../../plugins/compressors/index.js';
import { useCpuBackend } from '../../support/engines.js';
import { compressorOf, LAYOUTS, outIn, roundTrip, weights } from './support.js';

/** Every format, and the options of ternary weights that change how it computes. */
const FORMATS: readonly (readonly [string, () => Plugin])[] = [
  ['ternary', () => ternary()],
  ['ternary per row', () => ternary({ granularity: 'row' })],
  ['ternary, mean of the kept', () => ternary({ scale: 'kept' })],
  [
    'ternary per row, median, mean of the kept',
    () => ternary({ granularity: 'row', measure: 'median', scale: 'kept' }),
  ],
  ['ternary, threshold 0.7', () => ternary({ threshold: 0.7 })],
  ['int8', () => int8()],
  ['int4', () => int4()],
  ['float16', () => float16()],
  ['float32', () => float32()],
];
const PACKED = FORMATS.filter(([name]) => !name.startsWith('float'));
const SHAPES = [[16, 32], [33, 17], [70, 5], [1, 9], [40], [3, 4, 5]] as const;

useCpuBackend();

/** The values of a straight-through pass, and the gradient of sum(y * dy). */
function pass(compressor: Compressor, { shape, data }: HostTensor, hints: CompressionHints) {
  return tf.tidy(() => {
    const weight = tf.tensor(Float32Array.from(data), [...shape]);
    const dy = tf.reshape(tf.linspace(-1, 1, data.length), [...shape]);
    const through = (w: tf.Tensor): tf.Tensor => compressor.straightThrough!(w, hints);
    const gradient = tf.grad((w) => tf.sum(tf.mul(through(w), dy)))(weight);
    return { values: through(weight).dataSync(), gradient: gradient.dataSync(), dy: dy.dataSync() };
  });
}

/** Of a float32. */
const ULP = 2 ** -23;

describe.each(FORMATS)('%s', (_, plugin) => {
  let compressor: Compressor;
  beforeAll(async () => {
    compressor = await compressorOf(plugin());
  });
  const cases = SHAPES.flatMap((shape) => LAYOUTS.map((layout) => [shape, layout] as const));

  test.each(cases)('%j %s: training computes with what the bytes hold', (shape, layout) => {
    const tensor = weights(shape);
    const { values } = pass(compressor, tensor, { layout });
    const { data } = roundTrip(compressor, tensor, { layout });
    data.forEach((value, i) => {
      expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(ULP * Math.abs(value));
    });
  });

  test.each(LAYOUTS)('%s: the gradient is that of the weights themselves', (layout) => {
    const { gradient, dy } = pass(compressor, weights([33, 17]), { layout });
    expect(gradient).toEqual(dy);
  });

  test.each(cases)('%j %s: takes as many bytes as it says', (shape, layout) => {
    const { bytes } = compressor.compress(weights(shape), { layout });
    expect(bytes).toHaveLength(compressor.bytes!(shape, { layout }));
  });

  test('weights of zero stay zero in training too', () => {
    const zeros: HostTensor = { shape: [4, 40], dtype: 'float32', data: new Float32Array(160) };
    expect(pass(compressor, zeros, {}).values.every((value) => value === 0)).toBe(true);
  });

  test('weights that are not numbers are refused', () => {
    for (const value of [NaN, Infinity])
      expect(() =>
        compressor.compress({ shape: [2], dtype: 'float32', data: Float32Array.of(1, value) }),
      ).toThrow(
        expect.objectContaining({
          code: 'AF_MODEL_NOT_FINITE',
          message: expect.stringContaining(`number 1 is ${value}`) as string,
        }),
      );
  });

  test('too few bytes, too many and a shape that is too large are refused', () => {
    const compressed = compressor.compress(weights([6, 5]));
    const broken = [
      { ...compressed, bytes: compressed.bytes.subarray(1) },
      { ...compressed, bytes: Uint8Array.of(...compressed.bytes, 0) },
      { ...compressed, shape: [2 ** 30, 2 ** 30] },
    ];
    for (const one of broken)
      expect(() => compressor.decompress(one)).toThrow(
        expect.objectContaining({ code: 'AF_COMPRESSED_FORMAT' }),
      );
  });

  test('numbers that are none are refused', () => {
    const compressed = compressor.compress(weights([6, 5]));
    const bytes = compressed.bytes.slice().fill(0xff, -4);
    expect(() => compressor.decompress({ ...compressed, bytes })).toThrow(
      expect.objectContaining({ code: 'AF_COMPRESSED_FORMAT' }),
    );
  });
});

describe.each(PACKED)('%s in codes for a kernel', (name, plugin) => {
  test.each(
    [
      [16, 32],
      [33, 17],
      [70, 5],
      [192, 3],
      [300, 2],
      [5, 300],
    ].flatMap((shape) => LAYOUTS.map((layout) => [shape, layout] as const)),
  )('%j %s: the numbers that come back, as rows of outputs', async (shape, layout) => {
    const compressor = await compressorOf(plugin());
    const compressed = compressor.compress(weights(shape), { layout });
    const packed = compressor.packed!(compressed);
    const [out, width] = layout === 'out-in' ? shape : [...shape].reverse();
    const { bits, block } = packed;
    expect(packed).toMatchObject({ out, in: width });
    expect(bits).toBe(name === 'int8' ? 8 : name === 'int4' ? 4 : 2);
    expect(Math.log2(block) % 1).toBe(0);
    expect(block).toBeGreaterThanOrEqual(16);
    const blocks = Math.ceil(width! / block);
    expect(packed.codes).toHaveLength((out! * blocks * block * bits) / 8);
    expect(packed.scales).toHaveLength(out! * blocks);
    const found = unpackedMatrix(packed);
    const expected = outIn(compressor.decompress(compressed), layout);
    expect(found.every((value, i) => value === expected[i])).toBe(true);
  });

  test('what is no matrix is not multiplied with', async () => {
    const compressor = await compressorOf(plugin());
    expect(() => compressor.packed!(compressor.compress(weights([7])))).toThrow(RangeError);
  });

  test.each<CompressedTensor['header']>([{}, { layout: 'up' }, { layout: 1 }])(
    'a header that says %j is refused',
    async (header) => {
      const compressor = await compressorOf(plugin());
      const compressed = compressor.compress(weights([6, 5]));
      expect(() => compressor.decompress({ ...compressed, header })).toThrow(
        expect.objectContaining({
          code: 'AF_COMPRESSED_FORMAT',
          message: expect.stringMatching(/must say (layout|granularity)/) as string,
        }),
      );
    },
  );
});
