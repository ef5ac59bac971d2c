import type { ThoughtShape } from '../../../nn/thoughts/index.js';
import type { QuietstarOptions } from './options.js';

/** The sizes of a pass with thoughts. */
export function shapeOf({ thoughts, quiet }: Pick<QuietstarOptions, 'thoughts' | 'quiet'>): ThoughtShape {
  const { tokens: length, talk, samples, positions } = thoughts;
  return { base: quiet.training.length, positions, thoughts: samples, length, talk };
}
