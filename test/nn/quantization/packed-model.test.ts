import type { Tensor2D } from '@tensorflow/tfjs';
import { ARCHITECTURE, type Architecture } from '../../../core/contracts/architecture.js';
import type { Compressor } from '../../../core/contracts/compressor.js';
import type { Engine } from '../../../core/contracts/engine.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import { normName, type Quantization } from '../../../core/contracts/quantization.js';
import type { HostTensor, TensorDict } from '../../../core/contracts/tensor.js';
import { logitsOfSteps } from '../../../nn/generation/answers.js';
import { Decoding } from '../../../nn/generation/decoding.js';
import { initializeWeights } from '../../../nn/models/index.js';
import {
  packedMatrices,
  packedModel,
  quantizedArchitecture,
  quantizedModel,
} from '../../../nn/quantization/index.js';
import { specsOf } from '../../../nn/training/state.js';
import { llama } from '../../../plugins/architectures/llama/index.js';
import { titansMag } from '../../../plugins/architectures/titans-mag/index.js';
import { completeHyperparameters } from '../../../testing/fixtures/tiny-model.js';
import { implementationOf } from '../../../testing/index.js';
import { describeOnEngines } from '../../support/engines.js';
import { dequantised, packedNearest, packedTensors } from '../../support/packing.js';

interface Model {
  readonly architecture: Architecture;
  readonly config: unknown;
  readonly weights: TensorDict;
}

/** The same model twice: with floats that stand for the codes, and with the codes. */
async function twice(
  plugin: Plugin,
  size: string,
  activations: Quantization['activations'] = 'int8',
): Promise<{ floats: Model; codes: Model }> {
  const base = await implementationOf(ARCHITECTURE, plugin);
  const config = await completeHyperparameters(base, base.sizes![size]!);
  const tensors = base.describe(config);
  const linear = tensors.filter((tensor) => tensor.linear === true);
  const downs = linear.filter(({ role }) => role === 'attention-output' || role === 'ffn-down');
  const quantization: Quantization = {
    ...{ weights: 'applied', activations, epsilon: 1e-5 },
    norms: downs.map(({ name }) => name),
    formats: Object.fromEntries(linear.map(({ name }) => [name, { use: 'ternary' }])),
  };
  const weights = { ...lively(initializeWeights(tensors, 3)), ...gainsOf(downs) };
  const packed = packedTensors(tensors, weights);
  const applied = dequantised(tensors, weights, packed);
  const { architecture, weights: left } = packedModel(base, tensors, applied, quantization, {}, packed);
  const fake = quantizedArchitecture(base, (described) => quantizedModel(described, quantization, {}));
  return {
    floats: { architecture: fake, config, weights: applied },
    codes: { architecture, config, weights: left },
  };
}

/** Matrices several times as large as fresh ones, so that logits differ and every path carries something. */
function lively(weights: TensorDict): TensorDict {
  const grown = ({ data, ...rest }: HostTensor): HostTensor => ({
    ...rest,
    data: Float32Array.from(data, (w) => 8 * w),
  });
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [
      name,
      tensor.shape.length === 2 ? grown(tensor) : tensor,
    ]),
  );
}

function gainsOf(
  tensors: readonly { name: string; shape: readonly number[]; layout?: string }[],
): TensorDict {
  return Object.fromEntries(
    tensors.map(({ name, shape, layout }) => {
      const width = shape[layout === 'out-in' ? 1 : 0]!;
      const data = Float32Array.from({ length: width }, (_, i) => 0.75 + (i % 5) / 10);
      return [normName(name), { dtype: 'float32', shape: [width], data }] as const;
    }),
  );
}

const IDS = [5, 17, 3, 30, 8, 22, 11, 2, 40, 13, 7, 19];

/** Logits of every position of a row, by the forward pass. */
async function forwardLogits(engine: Engine, { architecture, config, weights }: Model): Promise<HostTensor> {
  const row = { shape: [1, IDS.length], dtype: 'int32' as const };
  const program = await engine.compile(
    ({ ids, segments }, state) => {
      const pass = architecture.forward(config, state, {
        ids: ids as Tensor2D,
        segments: segments as Tensor2D,
      });
      const [steps, rows, length, width] = pass.features.shape;
      const features = pass.features.reshape([steps, rows * length, 1, width]);
      return { outputs: { logits: logitsOfSteps({ ...pass, features: features as never }) } };
    },
    { name: 'forward', inputs: { ids: row, segments: row }, state: specsOf(weights) },
  );
  const state = await engine.createState(weights);
  const inputs = { ids: Int32Array.from(IDS), segments: new Int32Array(IDS.length) };
  const { logits } = await program.run(inputs, { state });
  await state.dispose();
  await program.dispose();
  return logits!;
}

/** Logits after eight tokens that are read at once, and after each of four more, of two rows. */
async function decodedLogits(engine: Engine, model: Model): Promise<HostTensor[]> {
  const decoder = model.architecture.decoder!;
  const decoding = await Decoding.create({ engine, ...model }, decoder, 2, (said) => ({
    logits: logitsOfSteps(said),
  }));
  const texts = [IDS, [...IDS].reverse()];
  const said = [];
  for (const [from, to] of [
    [0, 8],
    [8, 9],
    [9, 10],
    [10, 11],
    [11, 12],
  ] as const)
    // prettier-ignore
    said.push((await decoding.read(texts.map((ids) => ids.slice(from, to))))[0]!['logits']!);
  await decoding.dispose();
  return said;
}

/** Root mean square of the difference, as a share of that of the reference. */
function relativeError(found: HostTensor, wanted: HostTensor): number {
  const power = (values: readonly number[]): number => values.reduce((sum, x) => sum + x * x, 0);
  const reference = Array.from(wanted.data as Float32Array);
  return Math.sqrt(power(reference.map((x, i) => x - found.data[i]!)) / power(reference));
}

/** The largest of each row of V. */
function likeliest({ shape, data }: HostTensor): number[] {
  const width = shape.at(-1)!;
  const rows = Array.from({ length: data.length / width }, (_, i) =>
    Array.from(data.slice(i * width, (i + 1) * width)),
  );
  return rows.map((row) => row.indexOf(Math.max(...row)));
}

const MODELS = [
  ['titans-mag', titansMag, 'tiny'],
  ['llama', llama, 'tiny'],
  ['llama with a head of its own', llama, 'micro'],
] as const;

describeOnEngines('models in codes', (_compute, engine) => {
  /** A few steps of 1/127 of the largest input of a token, added up over the layers; without a kernel the same sums. */
  const limit = (): number => (engine().info.name === 'tfjs' ? 1e-5 : 0.02);

  test.each(MODELS)(
    '%s: the forward pass is that of the floats, within the rounding of inputs',
    async (_name, plugin, size) => {
      const { floats, codes } = await twice(plugin(), size);
      expect(Object.keys(codes.weights).length).toBeLessThan(Object.keys(floats.weights).length);
      const [wanted, found] = [await forwardLogits(engine(), floats), await forwardLogits(engine(), codes)];
      expect(found.shape).toEqual(wanted.shape);
      expect(relativeError(found, wanted)).toBeLessThan(limit());
      expect(likeliest(found)).toEqual(likeliest(wanted));
    },
  );

  test.each(MODELS)('%s: so is what is read with carried state', async (_name, plugin, size) => {
    const { floats, codes } = await twice(plugin(), size);
    const [wanted, found] = [await decodedLogits(engine(), floats), await decodedLogits(engine(), codes)];
    wanted.forEach((each, i) => {
      expect(relativeError(found[i]!, each)).toBeLessThan(limit());
      expect(likeliest(found[i]!)).toEqual(likeliest(each));
    });
  });

  test.each(MODELS)(
    '%s: inputs that are to stay floats are rounded by no kernel',
    async (_name, plugin, size) => {
      const { floats, codes } = await twice(plugin(), size, 'float');
      const [wanted, found] = [await forwardLogits(engine(), floats), await forwardLogits(engine(), codes)];
      expect(relativeError(found, wanted)).toBeLessThan(1e-5);
    },
  );
});

describe('codes of a quantization', () => {
  const tensors = [
    { name: 'table', shape: [6, 4], role: 'embedding', init: { kind: 'constant', value: 0 } },
    { name: 'first', shape: [4, 8], role: 'ffn-up', linear: true, init: { kind: 'constant', value: 0 } },
    { name: 'both ways', shape: [4, 4], role: 'embedding-projection', init: { kind: 'constant', value: 0 } },
    { name: 'other', shape: [8, 4], role: 'ffn-down', linear: true, init: { kind: 'constant', value: 0 } },
  ] as const;
  const weights = initializeWeights(
    tensors.map((tensor) => ({ ...tensor, init: { kind: 'normal', std: 1 } })),
    1,
  );
  const compressor: Compressor = {
    maxRelativeError: 1,
    compress: ({ shape, data }, { layout = 'in-out' } = {}) => ({
      shape,
      bytes: new Uint8Array((data as Float32Array).slice().buffer),
      header: { layout },
    }),
    decompress: () => {
      throw new Error('nobody unpacks');
    },
    packed: ({ shape, bytes, header }) => {
      const data = new Float32Array(bytes.buffer);
      return packedNearest({ shape, dtype: 'float32', data }, header['layout'] as 'in-out' | 'out-in', 2);
    },
  };
  const quantization: Quantization = {
    ...{ weights: 'latent', activations: 'int8', epsilon: 1e-5, norms: [] },
    formats: { table: { use: 'a' }, first: { use: 'a' }, 'both ways': { use: 'a' } },
  };

  test('are those of the matrices that are multiplied, by their layout', () => {
    const { packed: _, ...unable } = compressor;
    const found = packedMatrices(tensors, weights, quantization, {
      ...{ table: compressor, first: compressor, 'both ways': compressor, other: compressor },
    });
    expect(Object.keys(found)).toEqual(['table', 'first']);
    expect(found['table']).toMatchObject({ out: 6, in: 4 });
    expect(found['first']).toMatchObject({ out: 8, in: 4 });
    expect(packedMatrices(tensors, weights, quantization, { first: unable })).toEqual({});
  });

  test('are not made of weights that were rounded before', () => {
    expect(() => packedMatrices(tensors, weights, { ...quantization, weights: 'applied' }, {})).toThrow(
      expect.objectContaining({ code: 'AF_MODEL_CONFIG' }) as Error,
    );
  });
});
