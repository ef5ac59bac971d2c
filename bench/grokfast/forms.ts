import {
  decayName,
  DECAYS,
  over,
  PUBLISHED_DECAY,
  UNDECAYED,
  WEAKENED,
  weakened,
  type Arm,
  type Decay,
} from './arms.js';
import { mlp } from './mlp.js';
import type { Toy } from './toy.js';
import { transformer } from './transformer.js';

/** How large a study is. */
export interface StudyForm {
  readonly name: 'ci' | 'full';
  readonly prime: number;
  readonly toy: Toy;
  /** Sums per update; null: all that are trained on. */
  readonly rows: number | null;
  readonly learningRate: number;
  /** Updates of linear warm-up. */
  readonly warmUp: number;
  readonly seeds: readonly number[];
  /** Arms in the order of their runs: every seed of a wave is run before the next wave. */
  readonly waves: readonly (readonly Arm[])[];
  /** Updates after which a run is given up, by arm. */
  readonly budget: (arm: Arm) => number;
}

const ADAM = { learningRate: 1e-3, warmUp: 10 } as const;

/** Ten minutes on two cores. */
export const CI: StudyForm = {
  ...{ name: 'ci', prime: 47, rows: null, ...ADAM, seeds: [0, 1, 2, 3, 4] },
  toy: mlp({ prime: 47, embedding: 64, hidden: 128 }),
  waves: [
    [...over('B'), ...over('D'), UNDECAYED.A],
    [...over('E'), UNDECAYED.C],
    // At the published decay, and at what the filter leaves of it.
    (['H none', 'H EMA', 'F', 'G'] as const).flatMap((way) =>
      over(way, [weakened(PUBLISHED_DECAY), PUBLISHED_DECAY]),
    ),
  ],
  budget: ({ decay }) => ({ none: 3000, l2: 2500, decoupled: 6000 })[decay.kind],
};

const FIRST = { without: [weakened(PUBLISHED_DECAY)], filtered: [PUBLISHED_DECAY] } as const;

/** The grid without some of it. */
function others(decays: readonly Decay[]): readonly Decay[] {
  const known = new Set(decays.map(decayName));
  return DECAYS.filter((decay) => !known.has(decayName(decay)));
}

/** Hours: the model of the published script, as long as its slowest run took. */
export const FULL: StudyForm = {
  ...{ name: 'full', prime: 97, rows: 512, ...ADAM, seeds: [0, 1, 2] },
  toy: transformer({ prime: 97, layers: 2, width: 128, heads: 4 }),
  waves: [
    // What is compared first: the filter at its published decay, and what it leaves of that decay without it.
    [...over('B', FIRST.without), ...over('D', FIRST.filtered)],
    [...over('B', others(FIRST.without)), ...over('D', others(FIRST.filtered))],
    [UNDECAYED.A],
    over('E'),
    [...over('H none'), ...over('H EMA')],
    [UNDECAYED.C],
    [...WEAKENED, ...over('F'), ...over('G')],
  ],
  budget: ({ decay }) => ({ none: 40_000, l2: 6000, decoupled: 6000 })[decay.kind],
};

/** One run of a study. */
export interface PlannedRun {
  readonly arm: Arm;
  readonly seed: number;
  /** Which wave it belongs to, from 0. */
  readonly wave: number;
}

/** The runs of a study in their order. */
export function runsOf({ waves, seeds }: StudyForm): readonly PlannedRun[] {
  return waves.flatMap((arms, wave) => seeds.flatMap((seed) => arms.map((arm) => ({ arm, seed, wave }))));
}
