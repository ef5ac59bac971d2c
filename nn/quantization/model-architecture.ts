import { ARCHITECTURE, type Architecture } from '../../core/contracts/architecture.js';
import { COMPRESSOR } from '../../core/contracts/compressor.js';
import type { ModelConfig } from '../../core/contracts/model.js';
import type { Quantization } from '../../core/contracts/quantization.js';
import type { Token } from '../../core/contracts/token.js';
import { quantizedArchitecture, quantizedModel, type Compressors } from './quantized.js';

/** Where implementations are asked for: a kernel, or the context of a phase. */
export interface Container {
  resolve<T>(token: Token<T>, name: string, options?: unknown): T;
}

/**
 * The architecture of a model as its config has it: the plugin's own, or that with quantised matrices.
 * @throws ForgeError AF_PLUGIN_UNKNOWN when architecture or a compressor is not there; AF_MODEL_CONFIG, from its functions,
 * when the quantization names what the model does not have
 */
export function modelArchitecture(container: Container, config: ModelConfig): Architecture {
  const base = container.resolve(ARCHITECTURE, config.architecture);
  const { quantization } = config;
  if (quantization === undefined) return base;
  const compressors = compressorsOf(container, quantization);
  return quantizedArchitecture(base, (tensors) => quantizedModel(tensors, quantization, compressors));
}

/** The compressor of every tensor that has a format. @throws ForgeError AF_PLUGIN_UNKNOWN, AF_CONFIG_INVALID */
export function compressorsOf(container: Container, { formats }: Pick<Quantization, 'formats'>): Compressors {
  return Object.fromEntries(
    Object.entries(formats).map(([name, { use, options }]) => [
      name,
      container.resolve(COMPRESSOR, use, options),
    ]),
  );
}
