import { ARCHITECTURE } from '../../core/contracts/architecture.js';
import type { ModelRef } from '../../core/contracts/model.js';
import type { Kernel } from '../../core/kernel/types.js';

/** What programs of the Hugging Face family call the formats of weights; the others have no name there. */
const DTYPES: Readonly<Record<string, string>> = { fp32: 'float32', fp16: 'float16', bf16: 'bfloat16' };

/** Purposes of special tokens that a config names; transformers takes 1 and 2 where it says nothing. */
const PURPOSES = ['bos', 'eos', 'pad'] as const;

/** What lies in a model folder as JSON. */
export interface ConfigFiles {
  /** Content of config.json: that of other programs where the architecture can write it, otherwise our own. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Content of generation_config.json; null for a model of our own kind. */
  readonly generation: Readonly<Record<string, unknown>> | null;
}

/** The config files of a model of the registry. An architecture that is not there writes nothing of its own. */
export function configFilesOf(kernel: Kernel, { config, metadata }: ModelRef): ConfigFiles {
  const { architecture, hyperparameters, quantization } = config;
  const known = kernel.names(ARCHITECTURE).includes(architecture);
  const interchange = known ? kernel.resolve(ARCHITECTURE, architecture).interchange : undefined;
  // Other programs know nothing of our quantization: they would read the weights for what they are not.
  if (interchange === undefined || quantization !== undefined)
    return { config: { ...config }, generation: null };
  const special = Object.fromEntries(
    PURPOSES.map((purpose) => [`${purpose}_token_id`, metadata.special_tokens?.[purpose] ?? null]),
  );
  const dtype = DTYPES[metadata.format];
  return {
    config: {
      ...interchange.toConfigJson(hyperparameters),
      ...special,
      ...(dtype === undefined ? {} : { torch_dtype: dtype }),
    },
    generation: special,
  };
}
