import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { TensorDescription } from '../../../core/contracts/architecture.js';
import type { Compressor } from '../../../core/contracts/compressor.js';
import { normName, type Quantization } from '../../../core/contracts/quantization.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import { linear } from '../../../nn/layers/index.js';
import {
  hintsOf,
  PUBLISHED,
  quantizedModel,
  ternaryStraightThrough,
} from '../../../nn/quantization/index.js';
import { useCpuBackend } from '../../support/engines.js';

const init = { kind: 'constant', value: 0 } as const;
const matrix = (name: string, shape: readonly number[], more: Partial<TensorDescription> = {}) =>
  ({ name, shape, role: 'ffn-up', linear: true, init, ...more }) as TensorDescription;

const unasked = (): never => {
  throw new Error('nothing is packed here');
};

/** Nothing of it is asked but how it trains. */
const ternaryFormat: Compressor = {
  maxRelativeError: 1,
  compress: unasked,
  decompress: unasked,
  straightThrough: (weight, hints) => ternaryStraightThrough(weight, PUBLISHED, hints),
};

const TENSORS = [matrix('first', [2, 2]), matrix('second', [2, 1])];
const QUANTIZATION: Quantization = {
  ...{ weights: 'latent', activations: 'float', norms: [], epsilon: 1e-5 },
  formats: { first: { use: 'ternary' }, second: { use: 'ternary' } },
};
const COMPRESSORS = { first: ternaryFormat, second: ternaryFormat };

useCpuBackend();

/** mean |first| = 0.5, mean |second| = 0.225. */
const LATENTS = () => ({
  first: tf.tensor2d([
    [0.9, -0.2],
    [0.3, -0.6],
  ]),
  second: tf.tensor2d([[0.4], [-0.05]]),
});

/** x = (1, 2) through both layers, and the gradients of that number. */
function through(quantization: Partial<Quantization>, more: TensorMap = {}) {
  const model = quantizedModel(TENSORS, { ...QUANTIZATION, ...quantization }, COMPRESSORS);
  const named = { x: tf.tensor2d([[1, 2]]), ...LATENTS(), ...more };
  const names = Object.keys(named);
  const { value, grads } = tf.valueAndGrads((...inner: Tensor[]) => {
    const { x, ...params } = Object.fromEntries(names.map((name, i) => [name, inner[i]!]));
    const { first, second } = model.bind(params);
    const hidden = linear(x as Tensor2D, first as Tensor2D);
    return tf.sum(linear(hidden, second as Tensor2D));
  })(Object.values(named));
  return {
    y: value.dataSync()[0]!,
    gradients: Object.fromEntries(names.map((name, i) => [name, [...grads[i]!.dataSync()]])),
  };
}

function expectNumbers(found: readonly number[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  wanted.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
}

describe('two layers by hand', () => {
  test('ternary weights: every latent has the gradient of what it rounds to, zeros too', () => {
    // Codes (1 0; 1 -1) of 0.5 and (1, 0) of 0.225: h = (1.5, -1).
    const { y, gradients } = through({});
    expect(y).toBeCloseTo(0.3375, 6);
    expectNumbers(gradients['second']!, [1.5, -1]);
    expectNumbers(gradients['first']!, [0.225, 0, 0.45, 0]);
    expectNumbers(gradients['x']!, [0.1125, 0.1125]);
  });

  test('inputs in 8 bits: weights have the gradient of the rounded inputs, inputs that of what they were', () => {
    // Steps of 2 / 127: 1 is 63.5 of them, to even 64. Then h = (1.503937, -1), in steps of 1.503937 / 127: -84.45, so -84.
    const { y, gradients } = through({ activations: 'int8' });
    const [one, peak] = [64 / 63.5, (64 / 63.5 + 2) / 2];
    expect(y).toBeCloseTo(0.225 * peak, 6);
    expectNumbers(gradients['second']!, [peak, (-84 * peak) / 127]);
    expectNumbers(gradients['first']!, [0.225 * one, 0, 0.45, 0]);
    expectNumbers(gradients['x']!, [0.1125, 0.1125]);
  });

  test('a norm before a matrix: its gain learns', () => {
    const gain = tf.tensor1d([2, 1]);
    const { y, gradients } = through({ norms: ['second'], epsilon: 1e-9 }, { [normName('second')]: gain });
    const rms = Math.sqrt((1.5 ** 2 + 1) / 2);
    expect(y).toBeCloseTo((0.225 * 2 * 1.5) / rms, 5);
    expectNumbers(gradients[normName('second')]!, [(0.225 * 1.5) / rms, 0]);
    expectNumbers(gradients['second']!, [(2 * 1.5) / rms, -1 / rms]);
  });

  test('what is in no format computes as it is, its input in full', () => {
    const { y } = through({ activations: 'int8', formats: {} });
    expect(y).toBeCloseTo(1.5 * 0.4 + -1.4 * -0.05, 6);
  });

  test('weights that formats were applied to are not rounded again; their inputs are', () => {
    const applied = { first: tf.tensor2d([[0.5, 0], [0.5, -0.5]]), second: tf.tensor2d([[0.225], [0]]) }; // prettier-ignore
    const { y } = through({ weights: 'applied', activations: 'int8' }, applied);
    expect(y).toBeCloseTo((0.225 * (64 / 63.5 + 2)) / 2, 6);
    // As latents they would get the means of |w| as scales: 0.375 and 0.1125.
    const again = through({ weights: 'latent' }, applied);
    expect(again.y).toBeCloseTo(0.1125 * (3 * 0.375), 6);
  });
});

describe('the tensors of a quantised model', () => {
  test('are those of the architecture, each gain after its matrix and as wide as its inputs', () => {
    const tensors = [
      matrix('table', [6, 4], { role: 'embedding', linear: false }),
      matrix('wide', [3, 5], { layer: 2 }),
      matrix('turned', [3, 5], { layout: 'out-in' }),
    ];
    const norms = ['wide', 'turned'];
    const { tensors: all } = quantizedModel(tensors, { ...QUANTIZATION, norms, formats: {} }, {});
    expect(all.map(({ name, shape, layer }) => [name, shape, layer])).toEqual([
      ['table', [6, 4], undefined],
      ...[['wide', [3, 5], 2] as const, ['wide.subln', [3], 2] as const],
      ...[['turned', [3, 5], undefined] as const, ['turned.subln', [5], undefined] as const],
    ]);
    expect(all[2]).toMatchObject({ role: 'norm', init: { kind: 'constant', value: 1 } });
  });

  test('a table has a row per id, a matrix its layout', () => {
    expect(hintsOf(matrix('table', [6, 4], { role: 'embedding' }))).toEqual({ layout: 'out-in' });
    expect(hintsOf(matrix('head', [6, 4], { role: 'output-head' }))).toEqual({ layout: 'out-in' });
    expect(hintsOf(matrix('plain', [6, 4]))).toEqual({ layout: 'in-out' });
    expect(hintsOf(matrix('turned', [6, 4], { layout: 'out-in' }))).toEqual({ layout: 'out-in' });
  });

  test.each<[string, Partial<Quantization>, RegExp]>([
    ['a format of what is not there', { formats: { third: { use: 'ternary' } } }, /does not have: third/],
    ['a norm before what is not there', { formats: {}, norms: ['third'] }, /does not have: third/],
    ['a norm before a table', { formats: {}, norms: ['table'] }, /not before table/],
  ])('%s is refused', (_, changes, message) => {
    const tensors = [...TENSORS, matrix('table', [6, 4], { role: 'embedding', linear: false })];
    expect(() => quantizedModel(tensors, { ...QUANTIZATION, ...changes }, {})).toThrow(
      expect.objectContaining({ code: 'AF_MODEL_CONFIG', message: expect.stringMatching(message) }) as Error,
    );
  });
});
