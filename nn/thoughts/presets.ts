/** The numbers of a Quiet-STaR run. */
export interface QuietStarNumbers {
  /** T: sampled tokens of a thought, without markers. */
  readonly length: number;
  /** A */
  readonly talk: number;
  /** N */
  readonly thoughts: number;
  readonly baseWeight: number;
  readonly talkWeight: number;
  /** l_pg */
  readonly policyWeight: number;
  /** b_KL */
  readonly klWeight: number;
  /** l_H, multiplied by `decay` at every step until it is `least`. */
  readonly entropyWeight: { readonly start: number; readonly decay: number; readonly least: number };
  readonly reinforceTemperature: number;
  readonly clampAdvantages: boolean;
  /** Divide advantages by their running spread. */
  readonly normaliseRewards: boolean;
  /** w = sigmoid(.) from 0.1 on, see `MixingHeadOptions`. */
  readonly boundedMixing: boolean;
  /** Steps without a policy term, in which the mixing head learns what thoughts are worth. */
  readonly mixingWarmupSteps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmupSteps: number;
  readonly clipNorm: number;
}

/**
 * The released code of Zelikman et al. 2024. Its `n_ahead` of 12 counts both markers and the first predicted token: 9 are
 * sampled. It has the mean of the policy term over tokens, which is 1/T of the sum here; the factor 10^6 belongs to a learning rate of 10^-6 with clipped gradients.
 */
export const PAPER_CODE: QuietStarNumbers = Object.freeze<QuietStarNumbers>({
  length: 9,
  talk: 4,
  thoughts: 2,
  baseWeight: 0.5,
  talkWeight: 0.5,
  policyWeight: 1e6,
  klWeight: 0,
  entropyWeight: { start: 0, decay: 1, least: 0 },
  reinforceTemperature: 3,
  clampAdvantages: true,
  normaliseRewards: false,
  boundedMixing: false,
  mixingWarmupSteps: 0,
  learningRate: 1e-6,
  weightDecay: 1e-3,
  warmupSteps: 20,
  clipNorm: 1,
});

/** The documented run of a model of 25M parameters: advantages of spread 1, an anchor and a reward for open thoughts. */
export const DOCUMENTED: QuietStarNumbers = Object.freeze<QuietStarNumbers>({
  length: 12,
  talk: 4,
  thoughts: 4,
  baseWeight: 0.5,
  talkWeight: 0.5,
  policyWeight: 1,
  klWeight: 0.1,
  entropyWeight: { start: 0.01, decay: 0.9995, least: 0.001 },
  reinforceTemperature: 3,
  clampAdvantages: true,
  normaliseRewards: true,
  boundedMixing: false,
  mixingWarmupSteps: 50,
  learningRate: 5e-4,
  weightDecay: 0,
  warmupSteps: 500,
  clipNorm: 1,
});

/** l_H at a step, 0 for the first. */
export function entropyWeightAt({ entropyWeight }: QuietStarNumbers, step: number): number {
  return Math.max(entropyWeight.least, entropyWeight.start * entropyWeight.decay ** step);
}

/** l_pg at a step, 0 for the first. */
export function policyWeightAt({ policyWeight, mixingWarmupSteps }: QuietStarNumbers, step: number): number {
  return step < mixingWarmupSteps ? 0 : policyWeight;
}
