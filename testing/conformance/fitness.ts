import type { FitnessTerm, MeasuredModel } from '../../core/contracts/evolution.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { expectEqual, expectThat } from '../expect.js';

export interface FitnessConformanceOptions {
  /** What a model measures, laid over the usual numbers: for terms that want their `own` number in another range. */
  readonly model?: Partial<MeasuredModel>;
  /** Largest magnitude of a score. Default 10. */
  readonly bound?: number;
}

const USUAL: MeasuredModel = {
  perplexity: 20,
  accuracy: 0.2,
  answerProbability: 0.2,
  averageSteps: 2,
  flopsPerToken: 1e6,
  bytes: 1e6,
  own: 0.5,
};

/** As bad, as good and as unknown as numbers get. */
const EXTREMES: readonly Partial<MeasuredModel>[] = [
  { perplexity: 1 },
  { perplexity: 1e30 },
  { accuracy: 0, answerProbability: 0 },
  { accuracy: 1, answerProbability: 1 },
  { accuracy: null, answerProbability: null },
  { flopsPerToken: null },
  { flopsPerToken: 1 },
  { bytes: 1 },
  { bytes: 1e15 },
  { own: null },
  { own: 0 },
  { own: -1 },
];

function parity(term: FitnessTerm, model: MeasuredModel): void {
  const { value } = term.score(model, model);
  expectThat(Math.abs(value - 1) < 1e-12, `a model beside itself: expected 1, found ${value}`);
}

function bounded(term: FitnessTerm, model: MeasuredModel, bound: number): void {
  for (const a of EXTREMES) {
    for (const b of EXTREMES) {
      const { value } = term.score({ ...model, ...a }, { ...model, ...b });
      const what = `${JSON.stringify(a)} beside ${JSON.stringify(b)}`;
      expectThat(
        Number.isFinite(value) && Math.abs(value) <= bound,
        `${what}: expected a number of at most ${bound}, found ${value}`,
      );
    }
  }
}

function pure(term: FitnessTerm, again: FitnessTerm, reference: MeasuredModel): void {
  for (const extreme of EXTREMES) {
    const model = Object.freeze({ ...reference, ...extreme });
    expectEqual(
      again.score(model, reference),
      term.score(model, reference),
      `another instance on ${JSON.stringify(extreme)}`,
    );
  }
}

/** What every fitness term must do: 1 at parity, bounded for any numbers, and nothing but its input matters. */
export function fitnessConformance(
  subject: Subject<FitnessTerm>,
  options: FitnessConformanceOptions = {},
): ConformanceCase[] {
  const { bound = 10 } = options;
  const model = { ...USUAL, ...options.model };
  return casesOf(subject, {
    'is 1 at parity': (term) => parity(term, model),
    'is bounded, also for numbers that are missing': (term) => bounded(term, model, bound),
    'follows from its input alone': async (term) => pure(term, await subject(), model),
  });
}
