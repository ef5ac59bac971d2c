import { jest } from '@jest/globals';
import type { EvaluationSet } from '../../../../nn/evaluation/index.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { evomerge } from '../../../../plugins/index.js';
import { Evaluator } from '../../../../plugins/phases/evomerge/individuals/evaluator.js';
import { createTestKernel, handoffPhase, tinyDataset } from '../../../../testing/index.js';
import { TINY_CONFIG } from '../../../support/tiny-cognate.js';
import { tinyEvomerge } from '../../../support/tiny-evomerge.js';

/** Documents are told apart by what they hold: both sets have the same shape. */
const contentOf = ({ batches }: EvaluationSet): string => batches.map(({ ids }) => ids.join()).join('|');

test('nothing is measured on the locked documents before the search is over', async () => {
  const measured: string[] = [];
  const measure = Evaluator.prototype.measure;
  const spy = jest.spyOn(Evaluator.prototype, 'measure').mockImplementation(function (
    this: Evaluator,
    ...args
  ) {
    measured.push(contentOf(args[1]));
    return measure.apply(this, args);
  });
  const bench = await createTestKernel({
    builtins: BUILTIN_PLUGINS,
    pipeline: [handoffPhase('cognate-to-evomerge'), evomerge(tinyEvomerge({ generations: 2 }))],
    config: { ...TINY_CONFIG, sinks: [] },
    plugins: [tinyDataset()],
  });
  try {
    const { error } = await bench.kernel.run();
    expect(error).toBeNull();
  } finally {
    spy.mockRestore();
    await bench.dispose();
  }
  const [selection] = measured;
  const switched = measured.findIndex((set) => set !== selection);
  // Parents, eight combinations and the barriers between parents at least.
  expect(switched).toBeGreaterThan(3 + 8 + 3);
  const finale = measured.slice(switched);
  expect(new Set(finale).size).toBe(1);
  // Champion, best of generation 0 and the three parents, those that are not the same model.
  expect(finale.length).toBeLessThanOrEqual(5);
  expect(finale).not.toContain(selection);
});
