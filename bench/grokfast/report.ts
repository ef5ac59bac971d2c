import { median } from '../timing.js';
import {
  armTitle,
  decayName,
  LAMBDA,
  NO_DECAY,
  PUBLISHED_DECAY,
  weakened,
  type Arm,
  type Decay,
} from './arms.js';
import {
  atLeast,
  exactly,
  greatestFigure,
  leastFigure,
  medianFigure,
  ratioFigure,
  type Figure,
} from '../../nn/evaluation/index.js';
import type { RunRecord } from './run.js';

/** The middle, the smallest and the largest over seeds. */
export interface Spread {
  readonly median: Figure;
  readonly least: Figure;
  readonly greatest: Figure;
}

/** What the seeds of an arm measured. */
export interface ArmReport {
  readonly arm: string;
  readonly runs: number;
  /** Runs that did not generalise within their budget. */
  readonly censored: number;
  readonly train95: Spread;
  readonly validation95: Spread;
  /** Of updates, up to `validation95`. */
  readonly seconds: Spread;
  readonly millisecondsPerUpdate: number;
  readonly finalValidation: Spread;
  /** How many runs had which verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly stateBytes: number;
}

/** How many times sooner one arm is there than another, in updates and in seconds; null where one of them was not run. */
export type Speedup = { readonly steps: Figure; readonly seconds: Figure } | null;

/** A filter beside the same training without it. */
export interface Comparison {
  /** At the same nominal decay, by its name. */
  readonly equalDecay: Readonly<Record<string, Speedup>>;
  /** At the decay that the filter leaves: without it, a decay divided by 1 + lambda. */
  readonly effectiveDecay: Readonly<Record<string, Speedup>>;
  /** Each at the best of its decays. */
  readonly tuned: Speedup;
  /** The best decays of both. */
  readonly best: { readonly without: string | null; readonly with: string | null };
}

/** The arms that were run, with the records of their seeds. */
export type Measured = readonly { readonly arm: Arm; readonly records: readonly RunRecord[] }[];

export function armReport({ arm, records }: Measured[number]): ArmReport {
  const verdicts: Record<string, number> = {};
  for (const { verdict } of records) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  return {
    arm: armTitle(arm),
    runs: records.length,
    censored: records.filter(({ validation95 }) => validation95 === null).length,
    train95: spread(records.map(({ train95, budget }) => reached(train95, budget))),
    validation95: spread(records.map(stepsOf)),
    seconds: spread(records.map(secondsOf)),
    millisecondsPerUpdate: median(records.map(({ seconds, steps }) => (1000 * seconds) / steps)),
    finalValidation: spread(records.map(({ finalValidation }) => exactly(finalValidation))),
    verdicts,
    stateBytes: records[0]!.stateBytes,
  };
}

/** The published comparison: no decay and no filter, beside the filter with its decay. */
export function paperSpeedup(measured: Measured): Speedup {
  return speedup(find(measured, 'A', NO_DECAY), find(measured, 'D', PUBLISHED_DECAY));
}

/** @param without,filtered names of arms */
export function compare(measured: Measured, without: string, filtered: string): Comparison {
  const decays = measured.filter(({ arm }) => arm.name === filtered).map(({ arm }) => arm.decay);
  const by = (base: (decay: Decay) => Measured[number] | undefined): Record<string, Speedup> =>
    Object.fromEntries(
      decays.map((decay) => [decayName(decay), speedup(base(decay), find(measured, filtered, decay))]),
    );
  const [plain, own] = [ofName(measured, without), ofName(measured, filtered)];
  const tuned = (of: (record: RunRecord) => Figure): Figure =>
    ratioFigure(leastFigure(mediansOf(plain, of)), leastFigure(mediansOf(own, of)));
  return {
    equalDecay: by((decay) => find(measured, without, decay)),
    effectiveDecay: by(
      (decay) => find(measured, without, weakened(decay)) ?? find(measured, `${without}'`, weakened(decay)),
    ),
    tuned:
      plain.length === 0 || own.length === 0 ? null : { steps: tuned(stepsOf), seconds: tuned(secondsOf) },
    best: { without: bestDecay(plain), with: bestDecay(own) },
  };
}

/** What all of it says, for `--json`. */
export function studyReport(measured: Measured) {
  return {
    arms: measured.map(armReport),
    speedups: {
      paper: paperSpeedup(measured),
      ema: compare(measured, 'B', 'D'),
      highpass: compare(measured, 'B', 'E'),
      ternary: compare(measured, 'H none', 'H EMA'),
      muon: compare(measured, 'F', 'G'),
    },
    lambda: LAMBDA,
  };
}
export type StudyReport = ReturnType<typeof studyReport>;

function ofName(measured: Measured, name: string): Measured {
  return measured.filter(({ arm }) => arm.name === name);
}

function find(measured: Measured, name: string, decay: Decay): Measured[number] | undefined {
  return measured.find(({ arm }) => arm.name === name && decayName(arm.decay) === decayName(decay));
}

function speedup(base: Measured[number] | undefined, other: Measured[number] | undefined): Speedup {
  if (base === undefined || other === undefined) return null;
  const ratio = (of: (record: RunRecord) => Figure): Figure =>
    ratioFigure(medianFigure(base.records.map(of)), medianFigure(other.records.map(of)));
  return { steps: ratio(stepsOf), seconds: ratio(secondsOf) };
}

function mediansOf(measured: Measured, of: (record: RunRecord) => Figure): Figure[] {
  return measured.map(({ records }) => medianFigure(records.map(of)));
}

/** The decay with the lowest median that is known; null where none generalised. */
function bestDecay(measured: Measured): string | null {
  const known = measured.flatMap(({ arm, records }) => {
    const { high } = medianFigure(records.map(stepsOf));
    return high === null ? [] : [{ decay: arm.decay, high }];
  });
  const best = known.sort((a, b) => a.high - b.high)[0];
  return best === undefined ? null : decayName(best.decay);
}

function reached(step: number | null, budget: number): Figure {
  return step === null ? atLeast(budget) : exactly(step);
}

function stepsOf({ validation95, budget }: RunRecord): Figure {
  return reached(validation95, budget);
}

function secondsOf({ seconds95, seconds }: RunRecord): Figure {
  return seconds95 === null ? atLeast(seconds) : exactly(seconds95);
}

function spread(figures: readonly Figure[]): Spread {
  return {
    median: medianFigure(figures),
    least: leastFigure(figures),
    greatest: greatestFigure(figures),
  };
}
