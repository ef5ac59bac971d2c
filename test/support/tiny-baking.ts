import type { OptionsInput } from '../../core/contracts/options.js';
import type { BakingOptions } from '../../plugins/phases/baking/options.js';

/** A bake that takes a second. */
export const TINY_BAKE = {
  ...{ rows: 2, length: 160, accumulation: 1, warmupSteps: 1, emaDecay: 0.5 },
  ...{ evaluateEvery: 2, checkpointEvery: 1 },
};

/** Options of a run of phase 6 that takes seconds on the tiny forged model, which can do nothing and is refused nothing. */
export function tinyBaking(
  overrides: OptionsInput<typeof BakingOptions> = {},
): OptionsInput<typeof BakingOptions> {
  const { tools, personas, ...others } = overrides;
  return {
    plain: ['boolean-tasks'],
    bake: { options: { train: 'all' }, training: TINY_BAKE },
    trajectories: { perQuestion: 1, temperatures: [1], keep: 'all' },
    tools: {
      use: ['calculator', 'search'],
      ...{ questions: 4, heldOut: 2, steps: 2, leastPrompted: 0, leastGain: 0 },
      ...tools,
    },
    personas: {
      ...{
        use: ['helpful', 'precise'],
        switching: 'trigger',
        questions: 4,
        heldOut: 2,
        steps: 2,
        leastPrompted: 0,
      },
      lessons: { steps: 2, training: { ...TINY_BAKE, rows: 2 } },
      ...personas,
    },
    // Of lists as short as these one answer is many points.
    rollback: { points: 100, attempts: 1 },
    cycles: { most: 2, items: 4, candidates: 2, steps: 1 },
    examination: {
      ...{
        toolItems: 2,
        plainItems: 2,
        personaItems: 2,
        listItems: 2,
        fadingItems: 1,
        conversations: 1,
        turns: 2,
      },
      ...{ latencyItems: 1, thoughtItems: 2, rows: 4, answerTokens: 3, taskTokens: 10 },
    },
    sample: { prompt: '1+1+1=', maxTokens: 3, temperature: 0.7 },
    ...others,
  };
}
