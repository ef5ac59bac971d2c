import { FITNESS, type FitnessTerm, type MeasuredModel } from '../../../core/contracts/evolution.js';
import { bestOf, fitnessOf, missingParts } from '../../../plugins/phases/evomerge/individuals/fitness.js';
import type { Measured, WeightedTerm } from '../../../plugins/phases/evomerge/individuals/evaluator.js';
import { accuracy, memory, perplexity, speed } from '../../../plugins/fitness/index.js';
import { implementationOf } from '../../../testing/index.js';

const PARENT: Measured = {
  nll: 100,
  targets: 50,
  answers: 100,
  correctAnswers: 20,
  expectedAnswers: 20,
  tokensAtStep: [0, 10],
  perplexity: 20,
  accuracy: 0.2,
  answerProbability: 0.2,
  averageSteps: 2,
  flopsPerToken: 1000,
  bytes: 4000,
  own: {},
};
const model = (changes: Partial<Measured>): Measured => ({ ...PARENT, ...changes });

async function documented(): Promise<WeightedTerm[]> {
  const of = async (
    name: string,
    weight: number,
    plugin: Parameters<typeof implementationOf>[1],
  ): Promise<WeightedTerm> => ({
    name,
    weight,
    term: await implementationOf(FITNESS, plugin),
  });
  return Promise.all([
    of('perplexity', 0.4, perplexity()),
    of('accuracy', 0.3, accuracy({ count: 'exact' })),
    of('speed', 0.2, speed()),
    of('memory', 0.1, memory()),
  ]);
}

describe('the composite', () => {
  test('parity is 1.000', async () => {
    const { total, components } = fitnessOf(await documented(), PARENT, PARENT);
    expect(total).toBeCloseTo(1, 12);
    expect(components).toEqual({ perplexity: 1, accuracy: 1, speed: 1, memory: 1 });
  });

  test('perplexity 20 to 16 and accuracy .20 to .24 give .5 + .36 + .2 + .1 = 1.16', async () => {
    const better = model({ perplexity: 16, accuracy: 0.24 });
    expect(fitnessOf(await documented(), better, PARENT).total).toBeCloseTo(1.16, 12);
  });

  test('is bounded on both sides', async () => {
    const terms = await documented();
    const best = model({ perplexity: 1, accuracy: 1, flopsPerToken: 1, bytes: 1 });
    const worst = model({ perplexity: 1e9, accuracy: 0, flopsPerToken: 1e9, bytes: 1e9 });
    expect(fitnessOf(terms, best, PARENT).total).toBeCloseTo(0.8 + 0.6 + 0.3 + 0.15, 12);
    expect(fitnessOf(terms, worst, PARENT).total).toBeCloseTo(0.1 + 0.05, 6);
  });

  test('weights need not sum to one', async () => {
    const terms = (await documented()).map((term) => ({ ...term, weight: 7 * term.weight }));
    expect(fitnessOf(terms, model({ perplexity: 16, accuracy: 0.24 }), PARENT).total).toBeCloseTo(1.16, 12);
  });

  test('the best of several does not depend on which of them is the yardstick', async () => {
    const terms = await documented();
    const models = [model({ perplexity: 21 }), model({ perplexity: 19 }), model({ accuracy: 0.19 })];
    expect(bestOf(terms, models)).toBe(1);
    expect(bestOf(terms, [...models].reverse())).toBe(1);
  });
});

describe('terms', () => {
  const term = async (plugin: Parameters<typeof implementationOf>[1]): Promise<FitnessTerm> =>
    implementationOf(FITNESS, plugin);
  const seen = (changes: Partial<MeasuredModel>): MeasuredModel => ({
    ...model(changes as Partial<Measured>),
    own: null,
  });

  test.each([
    [1000 / 1.031, 1.031],
    [1000 / 1.03, 1],
    [1000 / 0.97, 1],
    [1000 / 0.96, 0.96],
  ])(
    'speed: %d operations against 1000 score %d; 3%% around parity are parity',
    async (flopsPerToken, value) => {
      expect((await term(speed())).score(seen({ flopsPerToken }), seen({})).value).toBeCloseTo(value, 6);
    },
  );

  test('speed is parity with a reason where operations are not counted', async () => {
    const scored = (await term(speed())).score(seen({ flopsPerToken: null }), seen({}));
    expect(scored).toEqual({ value: 1, reason: 'the engine does not count operations' });
    const terms = [{ name: 'speed', weight: 1, term: await term(speed()) }];
    expect(missingParts(terms, model({ flopsPerToken: null }))).toEqual([
      'fitness term speed: the engine does not count operations',
    ]);
  });

  test('small gains in perplexity count: nothing is snapped to parity', async () => {
    expect((await term(perplexity())).score(seen({ perplexity: 19.9 }), seen({})).value).toBeCloseTo(
      20 / 19.9,
      12,
    );
  });

  test('accuracy: a poor reference counts as the floor', async () => {
    const exact = await term(accuracy({ count: 'exact' }));
    expect(exact.score(seen({ accuracy: 0.02 }), seen({ accuracy: 0.01 })).value).toBeCloseTo(0.4, 12);
    expect(exact.score(seen({ accuracy: null }), seen({})).reason).toBe('no document has an answer');
  });

  test('accuracy counts probabilities of answers, or exact answers', async () => {
    const other = seen({ accuracy: 0.3, answerProbability: 0.25 });
    expect((await term(accuracy({ count: 'exact' }))).score(other, seen({})).value).toBeCloseTo(1.5, 12);
    expect((await term(accuracy({ count: 'expected' }))).score(other, seen({})).value).toBeCloseTo(1.25, 12);
  });
});
