import type { RunReport } from '../../../core/kernel/types.js';
import { createTestKernel, type TestKernelOptions } from '../../../testing/kernel.js';
import { countingPhase, resultOf, script, type ToyScript } from '../support/toys.js';

function toyPipeline(toy: ToyScript): TestKernelOptions {
  const first = countingPhase('first', toy, { first: true });
  const second = countingPhase('second', toy, { first: false });
  return { pipeline: [first({ steps: 3 }), second()] };
}

function totals(report: RunReport): unknown[] {
  return report.phases.map(({ result }) => result?.metrics['total']);
}

describe('a run', () => {
  it('hands each phase what the one before gave, and records everything', async () => {
    const toy = script();
    const test = await createTestKernel(toyPipeline(toy));
    const report = await test.kernel.run();
    expect(report.error).toBeNull();
    expect(report.status).toBe('completed');
    let total = 42;
    for (const step of [1, 2, 3]) total = (total * 31 + step) % 1_000_003;
    const first = total;
    for (const step of [1, 2, 3, 4]) total = (total * 31 + step) % 1_000_003;
    expect(totals(report)).toEqual([first, total]);
    expect(toy.steps).toEqual([
      'first:0',
      'first:1',
      'first:2',
      'second:0',
      'second:1',
      'second:2',
      'second:3',
    ]);
    const registry = await test.kernel.registry();
    const session = await registry.session(report.sessionId);
    expect(session).toMatchObject({
      status: 'completed',
      progress_percent: 100,
      pipeline: ['first', 'second'],
      error: null,
    });
    expect((await registry.phases(report.sessionId)).map(({ status }) => status)).toEqual([
      'completed',
      'completed',
    ]);
    expect(await registry.handoffs(report.sessionId)).toMatchObject([
      { source_phase: 'first', target_phase: 'second', validation_status: 'passed' },
      { source_phase: 'second', target_phase: null },
    ]);
    expect(await registry.models()).toHaveLength(2);
    await test.dispose();
  });

  it('can be watched while it works on without a checkpoint', async () => {
    const seen: number[] = [];
    const long = countingPhase('long', script(), {
      first: true,
      run: async (context) => {
        for (const done of [1, 2, 2, 3]) {
          const facts = { task: 'measure', done, total: 4, unit: 'batch', values: {}, etaSeconds: null };
          context.progress({ ...facts, phaseFraction: done / 4 });
          await context.pausePoint(() => Promise.resolve());
          seen.push((await test.kernel.sessions())[0]!.progress_percent);
        }
        return resultOf();
      },
      output: null,
    });
    const test = await createTestKernel({ pipeline: [long()] });
    expect((await test.kernel.run()).error).toBeNull();
    expect(seen).toEqual([25, 50, 50, 75]);
    await test.dispose();
  });
});
