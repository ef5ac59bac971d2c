import type { ControlContext } from '../../../../core/contracts/phase.js';

/** What a phase changes when its thinker is found to pretend. */
export interface TheaterChange {
  /** Go back to the last checkpoint that passed, or to the start of the thinking. */
  readonly rollBack: boolean;
  /** The weight of the KL term times this. */
  readonly klFactor: number;
  /** The reward that a thought needs to be reinforced times this. */
  readonly rewardThresholdFactor: number;
  /** End the training and hand on the model that does not think. */
  readonly stop: boolean;
}

const NO_CHANGE: TheaterChange = { rollBack: false, klFactor: 1, rewardThresholdFactor: 1, stop: false };

/** The documented interventions, all of them at once (`correct`) and one by one. */
export const THEATER_INTERVENTIONS = {
  correct: { rollBack: true, klFactor: 2, rewardThresholdFactor: 1.5, stop: false },
  'roll-back': { ...NO_CHANGE, rollBack: true },
  'raise-kl': { ...NO_CHANGE, klFactor: 2 },
  'raise-reward-threshold': { ...NO_CHANGE, rewardThresholdFactor: 1.5 },
  'go-on': NO_CHANGE,
  stop: { ...NO_CHANGE, stop: true },
} as const satisfies Readonly<Record<string, TheaterChange>>;
export type TheaterAction = keyof typeof THEATER_INTERVENTIONS;

/** The trouble that hooks are asked about. */
export const THEATER_TROUBLE = 'theater';

/** Offer the interventions to whoever decides (`resolveIntervention`); nobody: all of the documented ones at once. */
export async function interveneInTheater(
  ctx: Pick<ControlContext, 'intervene'>,
  fallback: TheaterAction = 'correct',
): Promise<TheaterChange & { readonly action: TheaterAction }> {
  const actions = Object.keys(THEATER_INTERVENTIONS) as TheaterAction[];
  const action = await ctx.intervene(THEATER_TROUBLE, actions, fallback);
  return { action, ...THEATER_INTERVENTIONS[action] };
}
