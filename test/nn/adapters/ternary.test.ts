import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import { ARCHITECTURE, type Architecture } from '../../../core/contracts/architecture.js';
import { COMPRESSOR, type Compressor } from '../../../core/contracts/compressor.js';
import type { Quantization } from '../../../core/contracts/quantization.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { Token } from '../../../core/contracts/token.js';
import { lora, type LoraAdapters } from '../../../nn/adapters/index.js';
import { answerLogits, initializeWeights } from '../../../nn/models/index.js';
import { hintsOf, isMultiplied, modelArchitecture } from '../../../nn/quantization/index.js';
import { fillNormal, streamKey } from '../../../nn/random/index.js';
import { llama, titansMag } from '../../../plugins/architectures/index.js';
import { ternary } from '../../../plugins/compressors/index.js';
import {
  completeHyperparameters,
  implementationOf,
  tinyLlama,
  tinyTitansMag,
} from '../../../testing/index.js';
import { useCpuBackend } from '../../support/engines.js';
import { toTensors } from '../../support/titans-mag.js';

/** Roles of the matrices that get a norm before them, as `bitnet` gives them. */
const NORMED: readonly string[] = ['attention-output', 'ffn-down'];
const IDS = [3, 14, 15, 9, 2, 6, 5, 35];

describe.each([
  ['titans-mag', titansMag, tinyTitansMag()],
  ['llama', llama, tinyLlama()],
] as const)('adapters of ternary %s', (name, plugin, tiny) => {
  useCpuBackend();
  let base: Architecture;
  let codec: Compressor;
  let config: Record<string, unknown>;
  let quantization: Quantization;
  let latents: TensorDict;
  let adapters: LoraAdapters;

  const architectureOf = (changes: Partial<Quantization> = {}): Architecture => {
    const resolve = <T>({ id }: Token<T>): T => (id === ARCHITECTURE.id ? base : codec) as T;
    const own = {
      architecture: name,
      hyperparameters: config,
      quantization: { ...quantization, ...changes },
    };
    return modelArchitecture({ resolve }, own);
  };

  beforeAll(async () => {
    base = await implementationOf(ARCHITECTURE, plugin());
    codec = await implementationOf(COMPRESSOR, ternary());
    config = await completeHyperparameters(base, tiny);
    const matrices = base.describe(config).filter(isMultiplied);
    quantization = {
      ...{ weights: 'latent', activations: 'int8', epsilon: 1e-5 },
      norms: matrices.filter(({ role }) => NORMED.includes(role)).map((matrix) => matrix.name),
      formats: Object.fromEntries(matrices.map((matrix) => [matrix.name, { use: 'ternary' }])),
    };
    const tensors = architectureOf().describe(config);
    latents = initializeWeights(tensors, 3);
    adapters = lora(tensors, { rank: 3, alpha: 6 });
    expect(matrices.length).toBeGreaterThan(5);
  });

  /** @param own adapters that are added to the latents, which are then rounded */
  function logits(
    weights: TensorDict,
    own: LoraAdapters | null,
    architecture = architectureOf(),
  ): Float32Array {
    return tf.tidy(() => {
      const input = {
        ids: tf.tensor2d(IDS, [1, IDS.length], 'int32'),
        segments: tf.zeros([1, IDS.length], 'int32') as Tensor2D,
      };
      const params = toTensors(weights);
      const forward = architecture.forward(config, own === null ? params : own.transform(params), input);
      return answerLogits(forward).dataSync() as Float32Array;
    });
  }

  const largest = (a: Float32Array, b: Float32Array): number =>
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

  /** Adapters as if they were trained: they change codes. */
  function lively(): TensorDict {
    return Object.fromEntries(
      Object.entries(adapters.initial(1)).map(([tensor, { shape, dtype, data }]) => {
        const drawn = new Float32Array(data.length);
        fillNormal(streamKey(7, tensor), drawn);
        return [tensor, { shape, dtype, data: drawn.map((value) => 0.1 * value) }];
      }),
    );
  }

  test('before the first update the model is the ternary base, bit by bit', () => {
    expect(logits({ ...latents, ...adapters.initial(1) }, adapters)).toEqual(logits(latents, null));
  });

  test('merged into the latents they compute what they did beside them, and so do the codes in the file', () => {
    const all = { ...latents, ...lively() };
    const merged = adapters.merge(all);
    const adapted = logits(all, adapters);
    expect(largest(adapted, logits(merged, null))).toBeLessThan(1e-4);
    expect(largest(adapted, logits(latents, null))).toBeGreaterThan(1e-3);
    const tensors = architectureOf().describe(config);
    const packed = Object.fromEntries(
      tensors.map((tensor) => {
        const own = merged[tensor.name]!;
        const isTernary = quantization.formats[tensor.name] !== undefined;
        return [tensor.name, isTernary ? codec.decompress(codec.compress(own, hintsOf(tensor))) : own];
      }),
    );
    expect(largest(adapted, logits(packed, null, architectureOf({ weights: 'applied' })))).toBeLessThan(1e-4);
    for (const matrix of adapters.targets) expect(new Set(packed[matrix]!.data).size).toBeLessThanOrEqual(3);
  });
});
