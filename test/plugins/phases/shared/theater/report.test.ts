import {
  armsTable,
  THEATER_TESTS,
  theaterAlert,
  theaterReport,
  type TheaterEvidence,
  type TheaterReport,
  type TheaterTest,
} from '../../../../../plugins/phases/shared/theater/index.js';
import { CONSTANT, COPYING, EMPTY, TALKATIVE, USEFUL, type Thinker } from '../../../../support/thinkers.js';
import { evidenceOf } from './evidence.js';

const options = { resamples: 100 };
const verdicts = ({ tests }: TheaterReport): Record<string, boolean | null> =>
  Object.fromEntries(tests.map(({ name, passed }) => [name, passed]));
const testOf = ({ tests, v_b }: TheaterReport, wanted: string): TheaterTest =>
  [...tests, ...v_b].find(({ name }) => name === wanted)!;

describe('a useful thinker', () => {
  let evidence: Required<TheaterEvidence>;
  let report: TheaterReport;
  beforeAll(async () => {
    evidence = await evidenceOf(USEFUL);
    report = theaterReport(evidence, options);
  });

  test('passes every test', () => {
    expect(report.tests.map(({ name }) => name)).toEqual([...THEATER_TESTS]);
    expect(report.tests.filter(({ passed }) => passed !== true)).toEqual([]);
    expect(report.v_b.map(({ name, passed }) => [name, passed])).toEqual([
      ['improvement', true],
      ['predictive_power', true],
      ['correlation', true],
    ]);
    expect(report.all_passed).toBe(true);
    expect(theaterAlert(report)).toBeNull();
    expect(testOf(report, 'T2_ablation').reason).toBe('no control model was compared');
    expect(testOf(report, 'T4_length')).toMatchObject({ value: 7, limit: '>= 5', reason: null });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test('is right with its thought where it was not without, and the table says so', () => {
    const { accuracy, comparisons } = report;
    expect(accuracy.with).toMatchObject({ value: 1, right: 500, high: 1 });
    const { difference, counts } = comparisons.without!;
    expect(counts.firstOnly).toBe(500 - accuracy.without!.right);
    expect(difference.value).toBeCloseTo(1 - accuracy.without!.value, 12);
    expect(difference.low!).toBeGreaterThan(0.9);
    const lines = armsTable(report);
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^arm +accuracy +95 % +with - arm +95 %$/);
    expect(lines[1]).toMatch(/^with +100\.0 % +99\.\d % to 100\.0 %$/);
    expect(lines[2]).toMatch(/^without +\d\.\d % +\d\.\d % to \d\.\d % +\+9\d\.\d +\+9\d\.\d to \+9\d\.\d$/);
  });

  test('fails T2 with shuffled thoughts, and passes nothing by it', () => {
    // The answers that follow the thought of another item, as if that were the own one.
    const { arms } = evidence.arms;
    const shuffled = { ...evidence.arms, arms: { ...arms, with: arms.other!, other: arms.with! } };
    const test = testOf(theaterReport({ ...evidence, arms: shuffled }, options), 'T2_ablation');
    expect(test.passed).toBe(false);
    expect(test.reason).toMatch(
      /is not > 0.02; not surely better than without.*; not surely better than other/,
    );
  });

  test('needs enough items and pairs, and the arms that are asked for', async () => {
    const few = await evidenceOf(USEFUL, 60);
    const report = theaterReport(few, options);
    expect(testOf(report, 'T2_ablation')).toMatchObject({
      passed: null,
      reason: '60 items are too few: at least 500',
    });
    expect(report.all_passed).toBe(false);
    expect(theaterAlert(report)!.message).toBe(
      'Not shown that thoughts are of use. T2_ablation: 60 items are too few: at least 500.',
    );
    expect(theaterReport(few, { ...options, minItems: 60 }).all_passed).toBe(true);
    const strict = theaterReport(few, { ...options, minItems: 60, against: ['control', 'random'] });
    expect(testOf(strict, 'T2_ablation')).toMatchObject({
      passed: null,
      reason: 'not compared with control',
    });
    const pairs = theaterReport({ ...few, utility: few.utility.slice(0, 29), correctness: [] }, options);
    expect(testOf(pairs, 'T3_pearson').reason).toBe('29 pairs are too few: at least 30');
    expect(testOf(pairs, 'T7_auroc')).toMatchObject({ value: null, passed: null });
  });

  test('of few items asks for what is better by the numbers alone, where that will do', async () => {
    const few = await evidenceOf(USEFUL, 60);
    const { arms } = few.arms;
    // One of sixty questions more than without: above 0 and not surely.
    const without = arms.with!.map((answer, i) => ({ ...answer, right: i > 1 }));
    const close = { ...few, arms: { ...few.arms, arms: { ...arms, without } } };
    const settings = { ...options, minItems: 1, against: ['without'] as const };
    expect(testOf(theaterReport(close, settings), 'T2_ablation')).toMatchObject({
      value: expect.closeTo(2 / 60, 9) as number,
      passed: false,
    });
    expect(testOf(theaterReport(close, { ...settings, sure: false }), 'T2_ablation').passed).toBe(true);
    const same = { ...few, arms: { ...few.arms, arms: { ...arms, without: arms.with! } } };
    expect(testOf(theaterReport(same, { ...settings, sure: false }), 'T2_ablation')).toMatchObject({
      passed: false,
      reason: '0 is not > 0.02; not better than without',
    });
  });

  test('a control that is as good is reason enough to fail', () => {
    const { arms } = evidence.arms;
    const matched = { ...evidence.arms, arms: { ...arms, control: arms.with! } };
    const report = theaterReport({ ...evidence, arms: matched }, options);
    expect(testOf(report, 'T2_ablation')).toMatchObject({
      passed: false,
      reason: 'not surely better than control',
    });
    expect(report.comparisons.control!.difference).toEqual({ value: 0, low: 0, high: 0 });
    expect(armsTable(report)[6]).toMatch(/^control +100\.0 % .* 0\.0 +0\.0 to 0\.0$/);
    const beaten = { ...evidence.arms, arms: { ...arms, control: arms.without! } };
    const better = theaterReport({ ...evidence, arms: beaten }, options);
    expect(testOf(better, 'T2_ablation')).toMatchObject({ passed: true, reason: null });
  });

  test('what was not measured passes nothing', () => {
    const report = theaterReport({ arms: evidence.arms }, options);
    expect(verdicts(report)).toEqual({
      T1_divergence: true,
      T2_ablation: true,
      T3_pearson: null,
      T3_spearman: null,
      T4_length: true,
      T5_diversity: null,
      T6_repetition: true,
      T6_variance: null,
      T7_auroc: null,
    });
    for (const { passed, value, reason } of report.tests) {
      if (passed === null) expect([value, typeof reason]).toEqual([null, 'string']);
    }
    expect(report.all_passed).toBe(false);
    expect(
      theaterReport({ arms: evidence.arms }, { ...options, required: ['T1_divergence', 'T2_ablation'] }),
    ).toMatchObject({
      all_passed: true,
    });
    expect(theaterReport(evidence, { ...options, required: [] }).all_passed).toBe(false);
    const correct = evidence.correctness.map((pair) => ({ ...pair, correct: true }));
    const sure = theaterReport({ ...evidence, correctness: correct }, options);
    expect(testOf(sure, 'T7_auroc')).toMatchObject({
      passed: null,
      reason: 'every token was predicted rightly',
    });
    const lucky = evidence.correctness.map((pair, i) => ({ ...pair, correct: i < 4 }));
    expect(testOf(theaterReport({ ...evidence, correctness: lucky }, options), 'T7_auroc')).toMatchObject({
      ...{ value: null, passed: null },
      reason: `4 of ${lucky.length} tokens predicted rightly say nothing`,
    });
    const alone = theaterReport({ ...evidence, samples: [[[1, 2]], []] }, options);
    expect(testOf(alone, 'T5_diversity')).toMatchObject({ passed: null, value: null });
  });

  test.each([0, 1e-7, 1e7, Infinity, NaN])('outputs of variance %d fail', (outputVariance) => {
    const test = testOf(theaterReport({ ...evidence, outputVariance }, options), 'T6_variance');
    expect(test.passed).toBe(false);
    expect(JSON.parse(JSON.stringify(test))).toEqual(test);
  });
});

describe('theater', () => {
  const reports: Record<string, TheaterReport> = {};
  beforeAll(async () => {
    const thinkers: Record<string, Thinker> = { EMPTY, CONSTANT, COPYING, TALKATIVE };
    for (const [name, thinker] of Object.entries(thinkers))
      reports[name] = theaterReport(await evidenceOf(thinker), options);
  });

  test('a thinker that writes nothing fails everything but that its answers vary', () => {
    expect(verdicts(reports['EMPTY']!)).toEqual({
      T1_divergence: false,
      T2_ablation: false,
      T3_pearson: false,
      T3_spearman: false,
      T4_length: false,
      T5_diversity: false,
      T6_repetition: false,
      T6_variance: true,
      T7_auroc: false,
    });
    expect(reports['EMPTY']!.v_b.map(({ passed }) => passed)).toEqual([false, false, false]);
    expect(testOf(reports['EMPTY']!, 'T3_pearson').reason).toBe('coherence or utility never varies');
    expect(theaterAlert(reports['EMPTY']!)!.message).toMatch(
      /^The thoughts may be theater\. T1_divergence: 0 is not > 0\.3/,
    );
  });

  test('and that it varies no more where it says the same to everything', async () => {
    const dead = await evidenceOf({ think: () => [], answer: () => 3 });
    expect(testOf(theaterReport(dead, options), 'T6_variance').passed).toBe(false);
  });

  test('one that repeats itself', () => {
    expect(verdicts(reports['CONSTANT']!)).toMatchObject({
      T2_ablation: false,
      T3_pearson: false,
      T5_diversity: false,
      T6_repetition: false,
    });
    expect(testOf(reports['CONSTANT']!, 'T6_repetition').value).toBe(7 / 8);
  });

  test('one that writes what it would have written anyway', () => {
    expect(verdicts(reports['COPYING']!)).toMatchObject({
      T1_divergence: false,
      T2_ablation: false,
      T5_diversity: false,
    });
    expect(testOf(reports['COPYING']!, 'T1_divergence').value).toBe(0);
  });

  test('one that writes a lot and does not listen to it looks well and fails where it counts', () => {
    const { T1_divergence, T2_ablation, T4_length, T5_diversity, T6_repetition, T3_pearson } = verdicts(
      reports['TALKATIVE']!,
    );
    expect([T1_divergence, T4_length, T5_diversity, T6_repetition]).toEqual([true, true, true, true]);
    expect([T2_ablation, T3_pearson]).toEqual([false, false]);
    for (const { difference } of Object.values(reports['TALKATIVE']!.comparisons))
      expect(difference).toEqual({ value: 0, low: 0, high: 0 });
  });

  test('none passes, and every one of them is better than chance at answering', () => {
    for (const report of Object.values(reports)) {
      expect(report.all_passed).toBe(false);
      expect(report.accuracy.with!.value).toBeGreaterThan(0.4);
    }
  });

  test('nothing that was asked is no report', () => {
    const report = theaterReport({ arms: { items: [], unfit: 3, thoughts: [], arms: {} } });
    expect(report).toMatchObject({ items: 0, unfit: 3, all_passed: false, accuracy: {}, comparisons: {} });
    expect(report.tests.map(({ passed }) => passed)).toEqual(report.tests.map(() => null));
    expect(armsTable(report)).toEqual(['no arm was measured']);
  });
});
