import type { BakingOptions } from '../options.js';

/** The nine of the build plan, by the names of their plugins. */
export const PLANNED_PERSONAS = [
  ...['reasoning', 'memory', 'math', 'code', 'translation', 'summarization', 'qa', 'creative', 'general'],
] as const;

/** Names of the personas that are to be baked. */
export function personasOf({ personas }: Pick<BakingOptions, 'personas'>): readonly string[] {
  return personas.use === 'planned' ? PLANNED_PERSONAS : personas.use;
}
