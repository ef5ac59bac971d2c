import { Ajv } from 'ajv';
import { loadHandoffSchema } from '../../../../../core/contracts/handoff-schema.js';
import type { PhaseResult } from '../../../../../core/contracts/phase.js';
import { curriculum } from '../../../../../plugins/index.js';
import { handoffPhase, type TestKernel } from '../../../../../testing/index.js';
import { TINY_FORGE, tinyCurriculum } from '../../../../support/tiny-curriculum.js';
import { benchOf } from '../../bitnet/support.js';
import type { Options } from '../support.js';

const TINY: Options = {
  // Their held-out tasks fit rows of 32 tokens.
  tasks: { generators: ['bracket-tasks'] },
  forge: { steps: 4, training: TINY_FORGE, watchEvery: 2 },
  // What matters here is over before the levels: the first is the last.
  assessment: { questions: 2, grid: 2, refinements: [] },
  levels: { items: 2, heldOut: 1, epochs: 1, wall: 1 },
  consolidation: { steps: 0 },
};

/** @param pauseAt task at whose first progress the run is paused and resumed */
async function ran<T>(
  options: Options,
  use: (result: PhaseResult, bench: TestKernel) => T,
  pauseAt: string | null = null,
): Promise<T> {
  const bench = await benchOf([handoffPhase('bitnet-to-curriculum'), curriculum(tinyCurriculum(options))]);
  const paused: string[] = [];
  bench.kernel.hooks.onEvent.tap('test', (event) => {
    if (event.type !== 'progress' || event.task !== pauseAt || paused.length > 0) return;
    paused.push(event.task);
    bench.kernel.requestPause();
  });
  try {
    const first = await bench.kernel.run();
    const report = paused.length > 0 ? await bench.kernel.run({ resume: first.sessionId }) : first;
    if (report.error !== null) throw report.error;
    return use(report.phases.find(({ name }) => name === 'curriculum')!.result!, bench);
  } finally {
    await bench.dispose();
  }
}

const weightsOf = ({ models }: PhaseResult): string[] => models.map(({ weights }) => weights.sha256);
const metric = 'speedup/bitnet_time_reduction_pct';

describe('the comparison of the phase', () => {
  let off: { weights: string[]; gates: string[]; report: unknown; reason: unknown };

  beforeAll(async () => {
    off = await ran(TINY, (result, { events }) => ({
      weights: weightsOf(result),
      gates: result.gates.map(({ name }) => name),
      report: result.handoff!.facts['speedup_report'],
      reason: events.flatMap((event) => (event.type === 'metric' && event.name === metric ? [event] : [])),
    }));
  });

  it('is off by default, and its absence has a reason', () => {
    expect(off.gates).not.toContain('time_reduction');
    expect(off.report).toEqual({ report: null, reason: expect.stringContaining('comparison') as string });
    expect(off.reason).toEqual([
      expect.objectContaining({ value: null, reason: expect.stringContaining('comparison') as string }),
    ]);
  });

  it('changes no bit of what is trained, with its standard arms, also where the run was paused behind it', () =>
    ran(
      { ...TINY, comparison: { steps: 2, evaluateEvery: 1, tasks: 100 } },
      (result, { events }) => {
        expect(weightsOf(result)).toEqual(off.weights);
        const validate = new Ajv({ allErrors: true }).compile(loadHandoffSchema('curriculum-to-baking'));
        validate(result.handoff);
        expect(validate.errors).toBeNull();
        const { report } = result.handoff!.facts['speedup_report'] as {
          report: { arms: { name: string; options: object; time_reduction_pct: number | null }[] };
        };
        expect(report.arms.map(({ name }) => name)).toEqual(['filter-on', 'filter-off', 'adamw']);
        expect(report.arms.map(({ options }) => options)).toEqual([
          ...[{ preset: 'phase5', lambda: 2 }, { preset: 'phase5', lambda: 0 }, {}],
        ]);
        expect(result.metrics[metric]).toBe(report.arms[0]!.time_reduction_pct);
        const steps = events.flatMap((event) =>
          event.type === 'metric' && event.name === 'comparison/adamw/loss' ? [event.step] : [],
        );
        // Once: the run that went on did not do it again.
        expect(steps).toEqual([0, 1, 2]);
        const percent = report.arms.find(({ name }) => name === 'filter-on')!.time_reduction_pct;
        const gate = result.gates.find(({ name }) => name === 'time_reduction')!;
        expect(gate).toMatchObject({ class: 'target', target: '>= 0.5' });
        if (percent === null) expect(gate.measured).toBeNull();
        else expect(gate.measured).toBeCloseTo(percent / 100, 10);
        for (const { columns, rows } of result.tables!)
          for (const row of rows) expect(row).toHaveLength(columns.length);
        const fractions = events.flatMap((event) =>
          event.type === 'progress' && event.phase === 'curriculum' ? (event.phaseFraction ?? []) : [],
        );
        expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      },
      'forge',
    ));
});
