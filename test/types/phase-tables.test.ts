import { expectTypeOf } from 'expect-type';
import { judgeOf, recorder, type GateTable, type MetricTable, type NamesOf } from 'agentforge/phases';

/** Names of gates and metrics are those of a phase's table, for the compiler too. */

const GATES = {
  count: { class: 'integrity' },
  loss: { class: 'target', per: 'model' },
} as const satisfies GateTable;

const METRICS = {
  'model_{1..3}/{loss,accuracy}': { unit: 'nats' },
  'held_out/{dataset}': {},
  speed: {},
} as const satisfies MetricTable;

test('a metric that is not in the table does not compile', () => {
  type Name = NamesOf<keyof typeof METRICS>;
  expectTypeOf<'speed'>().toExtend<Name>();
  expectTypeOf<'model_2/loss'>().toExtend<Name>();
  expectTypeOf<'held_out/anything'>().toExtend<Name>();
  expectTypeOf<'model_1/lost'>().not.toExtend<Name>();
  const record = recorder({ metric: () => undefined }, METRICS);
  record('model_1/loss', 1, { step: 0 });
  // @ts-expect-error a choice has its own names
  record('model_1/lost', 1, { step: 0 });
  // @ts-expect-error there is no such metric
  record('sped', 1, { step: 0 });
});

test('a gate that is not in the table does not compile', () => {
  const judge = judgeOf(GATES);
  expect(judge.atMost(['loss', 'a'], 1, 2).name).toBe('loss/a');
  // @ts-expect-error it is judged per model
  judge.atMost('loss', 1, 2);
  // @ts-expect-error there is no such gate
  expect(() => judge.equals('cuont', 1, 1)).toThrow();
});
