import type { PhaseResult } from '../../../../core/contracts/phase.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { quietstar } from '../../../../plugins/index.js';
import { createTestKernel, handoffPhase, tinyDataset, type TestKernel } from '../../../../testing/index.js';
import { TINY_CONFIG } from '../../../support/tiny-cognate.js';
import { tinyQuietstar, worked } from '../../../support/tiny-quietstar.js';

describe('quietstar with the first step alone', () => {
  let bench: TestKernel;
  let result: PhaseResult;
  beforeAll(async () => {
    const { baking, quiet } = tinyQuietstar();
    const options = tinyQuietstar({ baking: { ...baking, control: false }, quiet: { ...quiet, steps: 0 } });
    bench = await createTestKernel({
      builtins: BUILTIN_PLUGINS,
      pipeline: [handoffPhase('evomerge-to-quietstar'), quietstar(options)],
      config: { ...TINY_CONFIG, sinks: [] },
      plugins: [tinyDataset(), worked()],
    });
    const report = await bench.kernel.run();
    if (report.error !== null) throw report.error;
    result = report.phases.find(({ name }) => name === 'quietstar')!.result!;
  });
  afterAll(() => bench.dispose());

  const gate = (name: string) => result.gates.find((each) => each.name === name)!;

  it('hands on the baked model, without a mixing head', () => {
    const [thinker] = result.models;
    const { facts } = result.handoff!;
    expect(facts['step_2']).toBeNull();
    expect(facts['reference_sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(facts['keep_exact']).toEqual(['thinking_tokens', 'scorer']);
    expect(Object.keys(thinker!.sidecars).sort()).toEqual(['baking', 'examination', 'scorer', 'split']);
    expect(thinker!.metadata.thoughts).toMatchObject({ length: 4, talk: 2, samples: 2 });
    expect(Object.keys(thinker!.metadata.thoughts!.tags)).toHaveLength(8);
    // Measured on it: the champion of the fixtures has 0.3 and 0.4.
    expect(thinker!.metadata.halting!.accuracy).toHaveLength(2);
    expect(thinker!.metadata.halting!.accuracy).not.toEqual([0.3, 0.4]);
  });

  it('passes every integrity gate; what was not measured is not judged', () => {
    const hard = result.gates.filter((each) => each.class === 'integrity');
    expect(hard.map(({ name, passed }) => [name, passed])).toEqual(hard.map(({ name }) => [name, true]));
    expect(hard).toHaveLength(4);
    expect(gate('better_than_control')).toMatchObject({ measured: null, passed: null });
    expect(gate('anti_theater').passed).toBe(false);
  });

  it('shows the first questions with their thoughts, tags and all', () => {
    const samples = bench.events.flatMap((event) =>
      event.type === 'lifecycle' && event.event === 'sample' ? [event.facts] : [],
    );
    const shown = samples.filter(({ text }) => String(text).startsWith('<think>'));
    expect(shown).toHaveLength(2);
    for (const { model, text } of shown) {
      expect(model).toBe('thinker');
      expect(text).toMatch(/<\/think>/);
    }
  });

  it('keeps known questions, wider ranges and the arms of each apart', () => {
    const { metrics } = result;
    expect(metrics['arms/known/items']).toBe(8);
    expect(metrics['arms/new-range/items']).toBe(4);
    for (const arm of ['with', 'without', 'other', 'random', 'filler'])
      expect(metrics[`arms/known/${arm}`]).toEqual(expect.any(Number));
    expect(metrics).not.toHaveProperty(['arms/known/control']);
  });

  it('says how step 1 did on the questions to choose by, though there is nothing to choose', () => {
    const { step_1: step1 } = result.handoff!.facts as { step_1: { accuracy: number; items: number } };
    expect(step1).toMatchObject({ accuracy: expect.any(Number), questions: 'to choose by' });
    expect(step1.items).toBeGreaterThan(0);
    expect(result.metrics['baking/step_1_accuracy']).toBe(step1.accuracy);
  });

  it('counts every thought that was written, and apart from them those that were judged', () => {
    const { metrics, handoff } = result;
    const { step_1: step1 } = handoff!.facts as { step_1: { items: number } };
    const judged = metrics['phase/total_thoughts_judged'] as number;
    expect(judged).toBe(metrics['step_4/thoughts_generated']);
    // To choose by; of 8 known questions and 4 of wider ranges; two more about each known one; at hard places.
    expect(metrics['phase/total_thoughts_generated']).toBe(step1.items + 8 + 4 + 2 * 8 + judged);
  });

  it('says where the seconds went, and hands none of it on', () => {
    const { metrics, tables, handoff } = result;
    const parts = Object.keys(metrics).filter((name) => name.startsWith('seconds/'));
    expect(parts).toContain('seconds/thoughts');
    expect(parts).not.toContain('seconds/thinking');
    expect(tables!.at(-1)!.rows).toHaveLength(parts.length);
    expect(JSON.stringify(handoff!.facts)).not.toMatch(/seconds/);
  });

  it('remembers the data that it added, on sides that later phases find again', () => {
    expect(result.handoff!.data!.datasets.map(({ name }) => name)).toEqual(['tiny', 'worked']);
    expect(result.handoff!.artifacts['split']!.sha256).toBe(result.handoff!.data!.split.items);
  });

  it('tells how much is done to the very end, never less than before', () => {
    const fractions = bench.events.flatMap((event) =>
      event.type === 'progress' && event.phase === 'quietstar' ? (event.phaseFraction ?? []) : [],
    );
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });
});
