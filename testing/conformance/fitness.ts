import type { FitnessTerm, MeasuredModel } from '../../contracts/evolution.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { expectEqual, expectThat } from '../expect.js';

const MODEL: MeasuredModel = {
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

function parity(term: FitnessTerm): void {
  const { value } = term.score(MODEL, MODEL);
  expectThat(Math.abs(value - 1) < 1e-12, `a model beside itself: expected 1, found ${value}`);
}

function bounded(term: FitnessTerm): void {
  for (const a of EXTREMES) {
    for (const b of EXTREMES) {
      const { value } = term.score({ ...MODEL, ...a }, { ...MODEL, ...b });
      const what = `${JSON.stringify(a)} beside ${JSON.stringify(b)}`;
      expectThat(
        Number.isFinite(value) && Math.abs(value) <= 10,
        `${what}: expected a number of a few units, found ${value}`,
      );
    }
  }
}

function pure(term: FitnessTerm, again: FitnessTerm): void {
  for (const extreme of EXTREMES) {
    const model = Object.freeze({ ...MODEL, ...extreme });
    expectEqual(
      again.score(model, MODEL),
      term.score(model, MODEL),
      `another instance on ${JSON.stringify(extreme)}`,
    );
  }
}

/** What every fitness term must do: 1 at parity, bounded for any numbers, and nothing but its input matters. */
export function fitnessConformance(subject: Subject<FitnessTerm>): ConformanceCase[] {
  return casesOf(subject, {
    'is 1 at parity': parity,
    'is bounded, also for numbers that are missing': bounded,
    'follows from its input alone': async (term) => pure(term, await subject()),
  });
}
