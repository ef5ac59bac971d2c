import { ARCHITECTURE } from '../../core/contracts/architecture.js';
import { COMPRESSOR } from '../../core/contracts/compressor.js';
import type { ModelConfig, ModelRef } from '../../core/contracts/model.js';
import { normName, type Quantization, type TensorFormat } from '../../core/contracts/quantization.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import type { Kernel } from '../../core/kernel/types.js';
import { hintsOf, modelArchitecture } from '../../nn/quantization/index.js';
import { writePacked } from '../../storage/index.js';

/** A quantised model in the forms that it is stored in, all in the registry. */
export interface QuantisedForms {
  /** Floats to which the formats are applied in every pass. */
  readonly latent: ModelRef;
  /** Codes and scales in one file. */
  readonly packed: ModelRef;
  /** The numbers that the codes stand for, as float32. */
  readonly floats: ModelRef;
  /** Those numbers. */
  readonly weights: TensorDict;
}

const VECTORS: TensorFormat = { use: 'float32' };
const OTHERS: TensorFormat = { use: 'float16' };

/**
 * Quantise a model of the registry without training: ternary matrices, an int8 table, a norm before what comes down from
 * the feed-forward. Registered as `<name>-latent`, `<name>-packed` and `<name>-floats`.
 */
export async function quantisedForms(kernel: Kernel, model: ModelRef): Promise<QuantisedForms> {
  const { artifacts } = await kernel.storage();
  const quantization = quantizationOf(kernel, model.config);
  const latents = await withGains(
    await artifacts.readTensors(model.weights),
    kernel,
    model.config,
    quantization,
  );
  const applied: ModelConfig = { ...model.config, quantization: { ...quantization, weights: 'applied' } };
  const described = modelArchitecture(kernel, applied).describe(applied.hyperparameters);
  const weights: TensorDict = {};
  const tensors = described.map((tensor) => {
    const { name, role, shape } = tensor;
    const format = quantization.formats[name] ?? (shape.length < 2 ? VECTORS : OTHERS);
    const codec = kernel.resolve(COMPRESSOR, format.use, format.options);
    const compressed = codec.compress(latents[name]!, hintsOf(tensor));
    weights[name] = codec.decompress(compressed);
    return { name, role, format, compressed };
  });
  const add = async (form: string, config: ModelConfig, file: ModelRef['weights']): Promise<ModelRef> => {
    const name = `${model.name}-${form}`;
    const id = `${name}_${model.metadata.session_id}`;
    const metadata = {
      ...{
        ...model.metadata,
        model_id: id,
        model_name: name,
        sha256: file.sha256,
        bytes_on_disk: file.bytes,
        size_mb: file.bytes / 1048576,
      },
      parent_model_ids: [model.id],
    };
    const ref = { ...model, id, name, config, weights: file, metadata };
    await (await kernel.registry()).registerModel(ref);
    return ref;
  };
  const file = writePacked({ config: applied, tensors, facts: {} });
  return {
    latent: await add(
      'latent',
      { ...model.config, quantization },
      await artifacts.putTensors('model.safetensors', latents),
    ),
    packed: await add('packed', applied, await artifacts.put('model.packed', file)),
    floats: await add('floats', applied, await artifacts.putTensors('model.safetensors', weights)),
    weights,
  };
}

function quantizationOf(kernel: Kernel, { architecture, hyperparameters }: ModelConfig): Quantization {
  const tensors = kernel.resolve(ARCHITECTURE, architecture).describe(hyperparameters);
  const formats = tensors.flatMap(({ name, role, linear }): [string, TensorFormat][] => {
    if (role === 'embedding') return [[name, { use: 'int8' }]];
    return linear === true && role.startsWith('ffn') ? [[name, { use: 'ternary' }]] : [];
  });
  const norms = tensors.filter(({ role }) => role === 'ffn-down').map(({ name }) => name);
  return {
    ...{ weights: 'latent', activations: 'int8', norms, epsilon: 1e-5 },
    formats: Object.fromEntries(formats),
  };
}

/** Gains that are not 1, so that whoever leaves a norm out computes something else. */
async function withGains(
  weights: TensorDict,
  kernel: Kernel,
  config: ModelConfig,
  quantization: Quantization,
): Promise<TensorDict> {
  const described = modelArchitecture(kernel, { ...config, quantization }).describe(config.hyperparameters);
  const gains = new Set(quantization.norms.map(normName));
  return Object.fromEntries(
    described.map(({ name, shape }) => {
      if (!gains.has(name)) return [name, weights[name]!];
      const data = Float32Array.from({ length: shape[0]! }, (_, i) => 0.5 + 0.1 * (i % 7));
      return [name, { shape, dtype: 'float32' as const, data }];
    }),
  );
}
