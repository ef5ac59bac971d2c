import { defineArchitecture, type Architecture } from '../../../core/contracts/architecture.js';
import { growRows, meanOf } from '../../../nn/models/index.js';
import { titansMagConfig, TitansMagSchema } from './config.js';
import { titansMagDecoder } from './decoder.js';
import { attentionSites, describeTitansMag } from './describe.js';
import { activationBytes, titansMagFacts } from './facts.js';
import { forward } from './forward.js';
import { SIZES, variantsOf } from './sizes.js';

/**
 * TRM x Titans-MAG: a causal decoder whose blocks mix sliding-window attention with a linear long-term memory under one
 * gate (after Titans, Behrouz et al. 2024), followed by a recursion that refines the answer in supervised steps and
 * learns when to stop (Tiny Recursive Models, Jolicoeur-Martineau 2025).
 */
const architecture: Architecture = Object.freeze({
  configSchema: TitansMagSchema,
  sizes: SIZES,
  variants: variantsOf,
  describe: (config) => describeTitansMag(titansMagConfig(config)),
  contextLength: (config) => titansMagConfig(config).contextLength,
  vocabularySize: (config) => titansMagConfig(config).vocabularySize,
  facts: (config) => titansMagFacts(titansMagConfig(config)),
  attentions: (config) => attentionSites(titansMagConfig(config)),
  mergeConfigs: (configs) => meanOf('hyperparameters', configs) as Record<string, unknown>,
  growVocabulary: (config, weights, rows) => {
    const { vocabularySize, ...rest } = titansMagConfig(config);
    return {
      config: { ...rest, vocabularySize: vocabularySize + rows },
      weights: growRows(weights, ['embedding.table'], rows),
    };
  },
  memoryBytes: (config, workload) => activationBytes(titansMagConfig(config), workload),
  forward: (config, params, input, options) => forward(titansMagConfig(config), params, input, options),
  decoder: {
    carried: (config, rows, longest) => titansMagDecoder.carried(titansMagConfig(config), rows, longest),
    limit: titansMagDecoder.limit,
    decode: (config, params, state, input) =>
      titansMagDecoder.decode(titansMagConfig(config), params, state, input),
  },
} satisfies Architecture);

export const titansMag = defineArchitecture({
  name: 'titans-mag',
  description:
    'Sliding-window attention and linear memory under one gate, with a recursive, adaptively halting answer',
  create: () => architecture,
});
