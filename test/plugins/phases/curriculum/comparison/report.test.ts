import type { ArmCurve } from '../../../../../plugins/phases/curriculum/comparison/arm.js';
import type { Comparison } from '../../../../../plugins/phases/curriculum/comparison/compare.js';
import { tellSavedTimes } from '../../../../../plugins/phases/curriculum/comparison/metrics.js';
import {
  comparisonTables,
  isMet,
  speedupFacts,
  subjectTime,
} from '../../../../../plugins/phases/curriculum/comparison/report.js';

/** Evaluations every ten updates of a second each. */
const arm = (name: string, pace: number, ...losses: readonly number[]): ArmCurve => ({
  ...{ name, optimizer: { use: 'adamw', options: {} }, diverged: false },
  millisecondsPerUpdate: losses.length < 2 ? null : 1000 * pace,
  points: losses.map((loss, i) => ({
    ...{ step: 10 * i, seconds: 10 * i * pace, loss, text: loss - 0.5, tasks: loss + 0.5 },
  })),
});

/** The baseline is at its best of 1 after 20 updates and 20 seconds. */
const against = (subject: ArmCurve): Comparison => ({
  ...{ baseline: 'off', subject: 'on', steps: 30, arms: [subject, arm('off', 1, 3, 2, 1, 1.5)] },
});

const sooner = against(arm('on', 0.8, 3, 1, 1, 1));
const later = against(arm('on', 1.2, 3, 2, 1.5, 1));
const never = against(arm('on', 1.2, 3, 2, 1.5, 1.1));
/** So quick that it may have been there in less than half of the time, had it been given more updates. */
const cutShort = against(arm('on', 0.1, 3, 2, 1.5, 1.1));

test('what is saved is judged; less than nothing is told as it is', () => {
  expect(subjectTime(sooner).reduction).toBeCloseTo(0.6, 12);
  expect(isMet(subjectTime(sooner), 0.5)).toBe(true);
  expect(subjectTime(later).reduction).toBeCloseTo(-0.8, 12);
  expect(isMet(subjectTime(later), 0.5)).toBe(false);
});

test('an arm that was never there is missed where its seconds rule the target out, and unknown where they do not', () => {
  expect(subjectTime(never).reduction).toBeNull();
  expect(isMet(subjectTime(never), 0.5)).toBe(false);
  expect(isMet(subjectTime(cutShort), 0.5)).toBeNull();
});

test('a missed target is printed as missed', () => {
  const titles = [sooner, later, never].map((one) => comparisonTables(one, 0.5)[0]!.title);
  expect(titles[0]).toMatch(/on saves 60\.0 % of the seconds, 50 % is wanted: met/);
  expect(titles[1]).toMatch(/on saves -80\.0 % of the seconds, 50 % is wanted: missed/);
  expect(titles[2]).toMatch(/on saves <= -80\.0 % of the seconds, 50 % is wanted: missed/);
  const [row] = comparisonTables(never, 0.5)[0]!.rows;
  expect(row!.slice(-3)).toEqual(['>= 30', '>= 36.0', '<= -80.0 %']);
});

test('the curves stand side by side; where an arm has ended there is none', () => {
  const [, curves] = comparisonTables(against(arm('on', 1, 3, 2)), 0.5);
  expect(curves!.rows).toEqual([
    ['0', '3.0000', '3.0000'],
    ['10', '2.0000', '2.0000'],
    ['20', '-', '1.0000'],
    ['30', '-', '1.5000'],
  ]);
});

test('an arm that diverged at once has a row without numbers', () => {
  const [summary] = comparisonTables(against({ ...arm('on', 1), diverged: true }), 0.5);
  expect(summary!.rows[0]).toEqual(['on', '-', '-', '-', '-', '-', '-', '-', 'diverged']);
});

test('the handoff has numbers where they are known, and reasons where they are not', () => {
  const { report } = speedupFacts(never, 0.5);
  expect(report).toMatchObject({ target_loss: 1, target_reduction_pct: 50, met: false });
  const [on, off] = report!.arms;
  expect(on).toMatchObject({
    ...{ steps_to_target: null, seconds_to_target: null, time_reduction_pct: null },
    reason: 'the target was not reached in 30 updates',
  });
  expect(off).toMatchObject({ steps_to_target: 20, seconds_to_target: 20, time_reduction_pct: 0 });
  expect(speedupFacts(null, 0.5)).toEqual({ report: null, reason: expect.any(String) as string });
});

test('metrics of what is not known are null, with the reason', () => {
  const told: Record<string, unknown> = {};
  const ctx = {
    metric: (name: string, value: unknown, { reason }: { reason?: string }) =>
      void (told[name] = [value, reason]),
  } as unknown as Parameters<typeof tellSavedTimes>[0];
  const values = tellSavedTimes(ctx, never, 7);
  const missing = [null, 'the target was not reached in 30 updates'];
  expect(told).toEqual({
    'speedup/bitnet_time_reduction_pct': missing,
    'comparison/on/time_reduction_pct': missing,
    'comparison/off/time_reduction_pct': [0, undefined],
  });
  expect(values['comparison/off/time_reduction_pct']).toBe(0);
});
