import { smoke } from 'agentforge/presets';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { PRESETS } from '../../presets/catalogue.js';
import type { RunReport } from '../../core/kernel/types.js';
import { createTestKernel, type TestKernel } from '../../testing/index.js';

/** One thread, and no console between the test's own lines. */
const QUIET = { sinks: ['jsonl'], options: { onnxruntime: { threads: 1 } } };

describe('the smoke preset', () => {
  let bench: TestKernel;
  let report: RunReport;
  beforeAll(async () => {
    bench = await createTestKernel({
      builtins: BUILTIN_PLUGINS,
      config: { ...QUIET, extends: [smoke()] },
    });
    report = await bench.kernel.run();
  });
  afterAll(() => bench.dispose());

  const phase = (name: string) => report.phases.find((each) => each.name === name)!.result!;

  it('runs every phase of the quickstart', async () => {
    expect(report.error).toBeNull();
    const quickstart = await createTestKernel({
      builtins: BUILTIN_PLUGINS,
      presets: PRESETS,
      preset: 'quickstart',
    });
    try {
      expect(report.phases.map(({ name, status }) => [name, status])).toEqual(
        quickstart.kernel.config.pipeline.map(({ name }) => [name, 'completed']),
      );
    } finally {
      await quickstart.dispose();
    }
  });

  it('trains: every model predicts better than it did untrained', () => {
    const { metrics, models } = phase('cognate');
    expect(models).toHaveLength(3);
    for (const { name } of models)
      expect(metrics[`held_out/${name}`]).toBeLessThan(0.8 * (metrics['held_out_at_start'] as number));
  });

  it('searches: the champion is not below its best parent, and its recipes give it again', () => {
    const gates = new Map(phase('evomerge').gates.map((gate) => [gate.name, gate.passed]));
    expect(gates.get('champion_not_below_best_parent')).toBe(true);
    expect(gates.get('lineage_rebuilds')).toBe(true);
    expect(gates.get('generations')).toBe(true);
  });

  it('quantises: the same model three times, the packed file smaller than its floats and read again to the bit', () => {
    const { models, gates, metrics } = phase('bitnet');
    expect(models.map(({ metadata }) => metadata.format)).toEqual(['ternary', 'fp16', 'fp32']);
    expect(metrics['compression/compression_ratio']).toBeGreaterThan(2);
    expect(metrics['compression/linear_ratio']).toBeGreaterThan(10);
    const read = gates.find(({ name }) => name === 'packed_read_back');
    expect(read!.passed).toBe(true);
  });

  it('goes through the curriculum: assessed, every tool asked, three forms of one model that its file gives back', () => {
    const { models, gates, metrics } = phase('curriculum');
    expect(models.map(({ name, metadata }) => [name, metadata.format])).toEqual([
      ['forged', 'ternary'],
      ['forged-fp16', 'fp16'],
      ['forged-latent', 'fp32'],
    ]);
    for (const name of ['packed_read_back', 'codes_kept', 'gradient_flow'])
      expect([name, gates.find((gate) => gate.name === name)!.passed]).toEqual([name, true]);
    expect(Object.keys(models[0]!.metadata.tools!.names).sort()).toEqual(
      BUILTIN_PLUGINS.flatMap(({ point, name }) => (point === 'tool' ? [name] : [])).sort(),
    );
    // Main training and consolidation, and at least an epoch of a level between them.
    expect(metrics['phase/total_steps']).toBeGreaterThan(8);
  });

  it('bakes: every tool and persona in the ledger, in three forms that say what is in them', () => {
    const { models, gates, handoff } = phase('baking');
    expect(models.map(({ name }) => name)).toEqual(['baked', 'baked-fp16', 'baked-latent']);
    for (const name of ['packed_read_back', 'format_kept'])
      expect([name, gates.find((gate) => gate.name === name)!.passed]).toEqual([name, true]);
    const ledger = handoff!.facts['ledger'] as readonly {
      readonly kind: string;
      readonly subjects: readonly string[];
    }[];
    expect(ledger.map(({ kind, subjects }) => [kind, subjects.length])).toEqual([
      ['tool', 5],
      ['persona', 2],
    ]);
    const { tools, personas } = models[0]!.metadata;
    expect(Object.keys(tools!.names)).toEqual(expect.arrayContaining([...tools!.unprompted!]));
    expect(Object.keys(personas!.tags).every((name) => ['helpful', 'precise'].includes(name))).toBe(true);
  });

  it('says which targets so little training misses', () => {
    const missed = report.phases.flatMap(({ missedGates }) => missedGates);
    expect(missed.map(({ name }) => name)).toEqual(expect.arrayContaining(['loss_reduction/reasoning']));
    expect(missed.every((gate) => gate.class === 'target')).toBe(true);
  });
});

test('options of the smoke preset are laid over its own', async () => {
  const { kernel, dispose } = await createTestKernel({
    builtins: BUILTIN_PLUGINS,
    config: {
      extends: [
        smoke({
          ...{ seed: 5, cognate: { maxSteps: 12 }, evomerge: { generations: 1 } },
          ...{ bitnet: { recovery: { steps: 2 } }, curriculum: { forge: { steps: 3 } } },
          baking: { tools: { steps: 1 } },
        }),
      ],
    },
  });
  try {
    const [cognate, evomerge, , bitnet, curriculum, baking] = kernel.config.pipeline;
    expect(kernel.config.seed).toBe(5);
    expect(cognate!.options).toMatchObject({ maxSteps: 12, tokenizer: { vocabularySize: 320 } });
    expect(evomerge!.options).toMatchObject({ generations: 1, evaluation: { length: 64 } });
    expect(bitnet!.options).toMatchObject({ recovery: { steps: 2, training: { length: 64 } } });
    expect(curriculum!.options).toMatchObject({ forge: { steps: 3, training: { length: 64 } } });
    expect(baking!.options).toMatchObject({ tools: { steps: 1, questions: 4 } });
  } finally {
    await dispose();
  }
});
