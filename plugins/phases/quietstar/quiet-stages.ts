import type { ThoughtShape } from '../../../nn/thoughts/index.js';
import type { QuietstarOptions } from './options.js';
import { shapeOf } from './thought-shape.js';

/** A stretch of step 2 whose thoughts have one size: updates in (from, to]. */
export interface QuietStage {
  readonly from: number;
  readonly to: number;
  /** Null: nothing is thought. */
  readonly shape: ThoughtShape | null;
}

/**
 * Step 2 as its curriculum divides it (Fast Quiet-STaR, 2505.17746): thoughts get shorter from stage to stage. After the last
 * one that is named thoughts are as long as `thoughts` has it. A stage without an update is left out.
 */
export function quietStages(options: Pick<QuietstarOptions, 'thoughts' | 'quiet'>): QuietStage[] {
  const { steps, shrink } = options.quiet;
  const { tokens, talk } = options.thoughts;
  const own = shapeOf(options);
  let from = 0;
  return [...shrink, { until: 1, tokens, talk }].flatMap((stage) => {
    const to = Math.max(from, lastUpdate(stage.until, steps));
    const shape = stage.tokens === 0 ? null : { ...own, length: stage.tokens, talk: stage.talk ?? talk };
    const stretch = { from, to, shape };
    from = to;
    return stretch.to > stretch.from ? [stretch] : [];
  });
}

/** Of a stage that is over at a share of the updates. */
export function lastUpdate(until: number, steps: number): number {
  return Math.round(until * steps);
}

/** The longest thoughts of step 2, and the most tokens that any of them is judged by. */
export function longestShape(options: Pick<QuietstarOptions, 'thoughts' | 'quiet'>): ThoughtShape {
  const shapes = [shapeOf(options), ...quietStages(options).flatMap(({ shape }) => shape ?? [])];
  return {
    ...shapes[0]!,
    length: Math.max(...shapes.map(({ length }) => length)),
    talk: Math.max(...shapes.map(({ talk }) => talk)),
  };
}

/** Path in the options of the length of the longest thoughts. */
export function longestAt(options: Pick<QuietstarOptions, 'thoughts' | 'quiet'>): string {
  const { length } = longestShape(options);
  if (length === options.thoughts.tokens) return 'thoughts.tokens';
  return `quiet.shrink[${options.quiet.shrink.findIndex(({ tokens }) => tokens === length)}].tokens`;
}

/** Whether step 2 ends without thoughts. */
export function endsWithoutThoughts(options: Pick<QuietstarOptions, 'thoughts' | 'quiet'>): boolean {
  return quietStages(options).at(-1)?.shape === null;
}
