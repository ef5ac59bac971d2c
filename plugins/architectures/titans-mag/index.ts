import { defineArchitecture, type Architecture } from '../../../core/contracts/architecture.js';
import { titansMagConfig, TitansMagSchema } from './config.js';
import { attentionSites, describeTitansMag } from './describe.js';
import { forward } from './forward.js';
import { objective } from './objective.js';

/**
 * TRM x Titans-MAG: a causal decoder whose blocks mix sliding-window attention with a linear long-term memory,
 * followed by a recursion that refines the answer in supervised steps and learns when to stop (spec 1.1-1.6).
 */
const architecture: Architecture = Object.freeze({
  configSchema: TitansMagSchema,
  describe: (config: unknown) => describeTitansMag(titansMagConfig(config)),
  contextLength: (config: unknown) => titansMagConfig(config).contextLength,
  vocabularySize: (config: unknown) => titansMagConfig(config).vocabularySize,
  attentions: (config: unknown) => attentionSites(titansMagConfig(config)),
  objective: (config, params, batch, context) => objective(titansMagConfig(config), params, batch, context),
  forward: (config, params, ids, segments, options) =>
    forward(titansMagConfig(config), params, ids, segments, options),
} satisfies Architecture);

export const titansMag = defineArchitecture({
  name: 'titans-mag',
  description:
    'Sliding-window attention and linear memory under one gate, with a recursive, adaptively halting answer',
  create: () => architecture,
});
