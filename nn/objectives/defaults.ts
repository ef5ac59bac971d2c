export interface HaltingObjectiveOptions {
  /** `correctness`: predict whether the step's most likely token is right; `ponder`: PonderNet's mixture. */
  readonly learns: 'correctness' | 'ponder';
  /** Weight of the halting loss; 0 while it warms up. */
  readonly weight: number;
  /** Cumulative halting mass at which inference stops; only counted here (`act/avg_steps`). */
  readonly threshold: number;
  /** Reward for the entropy of the halting probability. */
  readonly entropyWeight: number;
  /** Weight of the hinge max(0, 0.1 - token variance of q). */
  readonly varianceWeight: number;
  /** Loss per expected step. */
  readonly ponderCost: number;
  /** Rate of the geometric prior (`ponder`). */
  readonly ponderPrior: number;
  /** Weight of the divergence from the prior (`ponder`). */
  readonly ponderKlWeight: number;
}

export interface NextTokenOptions {
  /** Weight of each recursion step, normalised; null: 0.5 rising to 1. */
  readonly stepWeights: readonly number[] | null;
  /** What a statistic of the forward pass adds to the loss, by its name; one that a model does not report adds nothing. */
  readonly statisticWeights: Readonly<Record<string, number>>;
  /** How halting is trained, where the model halts by itself. */
  readonly halting: HaltingObjectiveOptions;
}

/** Deep supervision rising to the last step, a halting head that learns to tell whether a step is right. */
export const NEXT_TOKEN: NextTokenOptions = Object.freeze<NextTokenOptions>({
  stepWeights: null,
  statisticWeights: { 'gate/entropy': -0.001 },
  halting: {
    learns: 'correctness',
    weight: 0.5,
    threshold: 0.95,
    entropyWeight: 0.001,
    varianceWeight: 0,
    ponderCost: 0,
    ponderPrior: 0.4,
    ponderKlWeight: 0.01,
  },
});
