import { ForgeError } from '../../../core/errors/index.js';
import type { LlamaConfig } from './config.js';

/**
 * One config for models of the same shapes. The context is the shortest, the epsilon of the norms the mean; whatever
 * else differs has no mean: weights trained with one set of rotary angles do not fit another.
 *
 * @throws ForgeError AF_HANDOFF_INVALID naming what differs
 */
export function mergeConfigs(configs: readonly LlamaConfig[]): Readonly<Record<string, unknown>> {
  const first = configs[0]!;
  const merged = {
    ...first,
    contextLength: Math.min(...configs.map((config) => config.contextLength)),
    normEpsilon: configs.every((config) => config.normEpsilon === first.normEpsilon)
      ? first.normEpsilon
      : configs.reduce((sum, config) => sum + config.normEpsilon, 0) / configs.length,
  };
  const free = new Set<keyof LlamaConfig>(['contextLength', 'normEpsilon', 'initializerStd']);
  for (const name of (Object.keys(first) as (keyof LlamaConfig)[]).filter((each) => !free.has(each))) {
    const values = configs.map((config) => config[name]);
    if (values.every((value) => value === first[name])) continue;
    throw new ForgeError('AF_HANDOFF_INVALID', `The models differ in ${name}, of which there is no mean.`, {
      at: name,
      fix: 'Merge models of the same shapes and settings.',
      facts: { [name]: values },
    });
  }
  return merged;
}
