import { isDeepStrictEqual } from 'node:util';
import { EvomergeOptions } from './options.js';

/** What was set and has no effect with the strategy, said before anybody waits for it. */
export function unusedOptions(options: EvomergeOptions): string[] {
  const standard: unknown = EvomergeOptions.properties.mutations.default;
  if (options.strategy !== 'cma-es' || isDeepStrictEqual({ ...options.mutations }, standard)) return [];
  return ["mutations are set, but the strategy cma-es draws none: set strategy to 'elite' or 'tournament'"];
}
