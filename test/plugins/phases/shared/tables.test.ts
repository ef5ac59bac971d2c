import type { MetricValue } from '../../../../core/contracts/metrics.js';
import { gateNames, judgeOf, type GateTable } from '../../../../plugins/phases/shared/gates.js';
import {
  metricNames,
  recorder,
  sheetOf,
  type MetricTable,
} from '../../../../plugins/phases/shared/metrics.js';

const GATES = {
  count: { class: 'integrity' },
  loss: { class: 'target', per: 'model' },
} as const satisfies GateTable;

const METRICS = {
  'model_{1..3}/{loss,accuracy}': { unit: 'nats' },
  'held_out/{dataset}': {},
  speed: { unit: 'tok/s' },
} as const satisfies MetricTable;

test('a gate has the class of its table, and its model behind its name', () => {
  const judge = judgeOf(GATES);
  expect(judge.equals('count', 2, 3)).toMatchObject({ name: 'count', class: 'integrity', passed: false });
  expect(judge.atMost(['loss', 'a'], 1, 2)).toMatchObject({ name: 'loss/a', class: 'target', passed: true });
  expect(judge.atLeast(['loss', 'a'], null, 2)).toMatchObject({ passed: null, reason: 'not measured' });
  expect(gateNames(GATES)).toEqual(['count', 'loss']);
  expect(gateNames(GATES, { without: ['loss'] })).toEqual(['count']);
});

test('a metric carries its unit, its labels, and a reason where it is null', () => {
  const told: unknown[] = [];
  const ctx = {
    metric: (name: string, value: MetricValue, more: object) => void told.push([name, value, more]),
  };
  const record = recorder(ctx, METRICS);
  record('model_2/accuracy', 0.5, { step: 3, labels: { model: 'a' } });
  record('held_out/x', null, { step: 3 });
  const sheet = sheetOf(METRICS);
  sheet('speed', 7);
  sheet('held_out/y', null);
  record.all(sheet.values, { step: 4, reason: 'too short' });
  record.open({ speed: 1, 'of/a/plugin': 2 }, { step: 5 });
  expect(told).toEqual([
    ['model_2/accuracy', 0.5, { step: 3, unit: 'nats', labels: { model: 'a' } }],
    ['held_out/x', null, { step: 3, reason: 'not measured' }],
    ['speed', 7, { step: 4, unit: 'tok/s' }],
    ['held_out/y', null, { step: 4, reason: 'too short' }],
    ['speed', 1, { step: 5, unit: 'tok/s' }],
    ['of/a/plugin', 2, { step: 5 }],
  ]);
  expect(metricNames(METRICS)).toEqual(['model_{1..3}/{loss,accuracy}', 'held_out/{dataset}', 'speed']);
});
