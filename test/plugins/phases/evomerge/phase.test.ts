import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { GateResult, PhaseResult } from '../../../../core/contracts/phase.js';
import type { RunReport } from '../../../../core/kernel/types.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { evomerge, weightNoise } from '../../../../plugins/index.js';
import {
  createTestKernel,
  handoffPhase,
  phaseConformance,
  type TestKernel,
  tinyDataset,
} from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { TINY_CONFIG } from '../../../support/tiny-cognate.js';
import { tinyEvomerge } from '../../../support/tiny-evomerge.js';

type Options = Parameters<typeof tinyEvomerge>[0];

async function runWith(options: Options, plugins: Parameters<typeof createTestKernel>[0] = {}) {
  const bench = await createTestKernel({
    builtins: BUILTIN_PLUGINS,
    pipeline: [handoffPhase('cognate-to-evomerge'), evomerge(tinyEvomerge(options))],
    config: { ...TINY_CONFIG, sinks: [] },
    ...plugins,
    plugins: [tinyDataset(), ...(plugins.plugins ?? [])],
  });
  return { bench, report: await bench.kernel.run() };
}

function resultOf(report: RunReport): PhaseResult {
  if (report.error !== null) throw report.error;
  return report.phases.find(({ name }) => name === 'evomerge')!.result!;
}
const gate = (result: PhaseResult, name: string): GateResult =>
  result.gates.find((each) => each.name === name)!;

describe('evomerge', () => {
  let bench: TestKernel;
  let result: PhaseResult;
  let trio: PhaseResult;
  let handoff: Handoff;
  beforeAll(async () => {
    const ran = await runWith({ generations: 3, strategy: 'elite' });
    bench = ran.bench;
    result = resultOf(ran.report);
    trio = ran.report.phases[0]!.result!;
    handoff = result.handoff!;
  });
  afterAll(() => bench.dispose());

  const metric = (name: string): unknown[] =>
    bench.events.flatMap((event) => (event.type === 'metric' && event.name === name ? [event.value] : []));

  it('tries all eight combinations in generation 0, and no two are the same model', () => {
    expect(gate(result, 'combos_tried')).toMatchObject({ measured: 8, passed: true });
    expect(gate(result, 'combos_distinct')).toMatchObject({ measured: 8, passed: true });
  });

  it('tells how much is done to the very end, never less than before', () => {
    const told = bench.events.flatMap((event) =>
      event.type === 'progress' && event.phase === 'evomerge' ? [event] : [],
    );
    const fractions = told.flatMap(({ phaseFraction }) => phaseFraction ?? []);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBeGreaterThan(0.9);
    for (const task of ['parents', 'holdout', 'answers']) {
      const last = told.filter((event) => event.task === task).at(-1);
      expect([task, last?.done]).toEqual([task, last?.total]);
    }
  });

  it('passes every integrity gate and keeps no more than twelve models', () => {
    const hard = result.gates.filter((each) => each.class === 'integrity');
    expect(hard.map(({ name, passed }) => [name, passed])).toEqual(hard.map(({ name }) => [name, true]));
    expect(hard).toHaveLength(5);
    expect(gate(result, 'models_held')).toMatchObject({ passed: true });
  });

  it('never loses its champion: the best fitness does not fall', () => {
    const champions = metric('champion/fitness') as number[];
    expect(champions).toHaveLength(4);
    expect(champions).toEqual([...champions].sort((a, b) => a - b));
    expect(gate(result, 'champion_not_below_best_parent').passed).toBe(true);
  });

  it('hands on one model with its descent from the parents', () => {
    const [champion] = result.models;
    expect(handoff.models).toHaveLength(1);
    expect(champion!.metadata.parent_model_ids).toEqual(trio.models.map(({ id }) => id));
    const descent = handoff.facts['recipe'] as {
      id: string;
      operation: string;
      sources: string[];
      model?: string;
    }[];
    expect(descent.at(-1)!.id).toBe(champion!.metadata.attributes['weights_hash']);
    descent.forEach(({ operation, sources, model }, i) => {
      expect(sources.every((source) => descent.slice(0, i).some(({ id }) => id === source))).toBe(true);
      expect(model !== undefined).toBe(operation === 'parent');
    });
    expect(handoff.facts['generations']).toBe(3);
    expect(handoff.facts['convergence_reason']).toBe('generations');
  });

  it('averages the constants in which the parents differ', () => {
    const { attributes, halting } = result.models[0]!.metadata;
    const merged = attributes['weights_hash'] as string;
    const descent = handoff.facts['recipe'] as { id: string; operation: string }[];
    if (descent.find(({ id }) => id === merged)!.operation !== 'parent') {
      expect(halting!.threshold).toBeCloseTo(0.6, 12);
      expect(result.models[0]!.config.hyperparameters['memoryCapacity']).toBe(64);
    }
  });

  it('reports gains on documents that were selected on and on those that were not', () => {
    const { metrics } = result;
    for (const name of [
      'champion',
      'generation_0',
      'reasoning',
      'memory_integration',
      'adaptive_computation',
    ]) {
      expect(metrics[`holdout/fitness/${name}`]).toEqual(expect.any(Number));
      expect(metrics[`holdout/accuracy_forced/${name}`]).toEqual(expect.any(Number));
      expect(metrics).toHaveProperty([`holdout/accuracy_generated/${name}`]);
    }
    const improvement = handoff.facts['improvement_pct'] as Record<string, number>;
    expect(improvement['generation_0']).toBeCloseTo(
      100 * ((metrics['phase/final_fitness'] as number) / (metrics['phase/initial_fitness'] as number) - 1),
      9,
    );
    for (const against of ['generation_0', 'best_parent']) {
      expect(gate(result, `improvement_holdout_${against}`).measured).toBeCloseTo(
        improvement[`holdout_${against}`]! / 100,
        12,
      );
    }
  });

  it('counts every combination that was used', () => {
    const usage = handoff.facts['combo_usage'] as Record<string, number>;
    const total = Object.values(usage).reduce((sum, count) => sum + count, 0);
    expect(Object.values(usage).every((count) => count >= 1)).toBe(true);
    expect(total).toBeGreaterThan(8);
    const seen = Object.keys(usage).map((label) =>
      (metric(`evolution/combo_${label}_count`) as number[]).reduce((a, b) => a + b, 0),
    );
    expect(seen.reduce((a, b) => a + b, 0)).toBe(total);
  });
});

describe('evomerge, its other ways', () => {
  it.each(['tournament', 'cma-es'] as const)('%s gives a champion', async (strategy) => {
    const { bench, report } = await runWith({ strategy, generations: 4, generation: { records: 0 } });
    expect(resultOf(report).models).toHaveLength(1);
    expect(gate(resultOf(report), 'models_held')).toMatchObject({ passed: true });
    await bench.dispose();
  });

  it.each([
    ['elite', true],
    ['tournament', true],
    ['cma-es', false],
  ] as const)('%s acts on a population that is too uniform: %s', async (strategy, asks) => {
    const diversity = { healthy: 100, reseedBelow: 0 };
    const { bench, report } = await runWith({ strategy, diversity, generation: { records: 0 } });
    resultOf(report);
    const alerts = bench.events.flatMap((event) =>
      event.type === 'lifecycle' && event.event === 'alert' ? [event.facts['trouble']] : [],
    );
    expect(alerts).toEqual(
      asks ? [expect.stringMatching(/^diversity .* of generation 0 is below 100$/)] : [],
    );
    await bench.dispose();
  });

  it('other merges, mutations and terms are a line each', async () => {
    const { bench, report } = await runWith({
      stages: { task: ['breadcrumbs', 'sce'] },
      strategy: 'elite',
      mutations: { 'weight-noise': 1 },
      fitness: { perplexity: 1 },
      importance: false,
      generation: { records: 0 },
    });
    const { metrics, handoff } = resultOf(report);
    expect(metrics).toHaveProperty(['merge_technique/sce/success_rate']);
    expect(handoff!.facts['components']).toEqual({ perplexity: expect.any(Number) });
    await bench.dispose();
  });

  it('tells that mutations have no effect on CMA-ES', async () => {
    const { bench, report } = await runWith({
      strategy: 'cma-es',
      generations: 1,
      mutations: { recipe: 1 },
      generation: { records: 0 },
    });
    resultOf(report);
    expect(report.warnings).toContainEqual(expect.stringMatching(/mutations are set, but/));
    await bench.dispose();
  });

  it('a merge that breaks a model is replaced by the plain mean, and told', async () => {
    // Noise of a thousand times the weights: nothing finite comes out.
    const { bench, report } = await runWith(
      { generations: 1, strategy: 'elite', mutations: { 'weight-noise': 1 }, generation: { records: 0 } },
      { plugins: [weightNoise({ rate: 1, sigma: 1e30 })] },
    );
    expect(resultOf(report).metrics['mutation/weight-noise/success_rate']).toBe(0);
    expect(gate(resultOf(report), 'finite_weights').passed).toBe(true);
    await bench.dispose();
  });

  it('early stopping ends a search that gains nothing', async () => {
    const { bench, report } = await runWith({
      generations: 30,
      earlyStop: { window: 1, minGain: 10 },
      generation: { records: 0 },
    });
    const { handoff } = resultOf(report);
    expect([handoff!.facts['convergence_reason'], handoff!.facts['generations']]).toEqual(['converged', 1]);
    await bench.dispose();
  });

  it('refuses names that nothing provides and populations that do not add up, before anything is done', async () => {
    const bench = await createTestKernel({
      builtins: BUILTIN_PLUGINS,
      plugins: [tinyDataset()],
      pipeline: [
        handoffPhase('cognate-to-evomerge'),
        evomerge(
          tinyEvomerge({
            strategy: 'elite',
            stages: { selection: ['frankn', 'dfs'] },
            mutations: { noise: 1 },
            fitness: { speed: 0 },
            population: 4,
          }),
        ),
      ],
      config: { ...TINY_CONFIG, sinks: [] },
    });
    const { problems } = await bench.kernel.plan();
    expect(problems.map(({ at }) => at)).toEqual([
      'phases.evomerge.stages.selection[0]',
      'phases.evomerge.mutations.noise',
      'phases.evomerge.fitness',
      'phases.evomerge.population',
    ]);
    expect(problems[0]!.fix).toMatch(/franken/);
    await bench.dispose();
  });
});

describe('evomerge conforms', () => {
  testConformance(
    phaseConformance(() => evomerge(tinyEvomerge({ generations: 2, generation: { records: 0 } })), {
      before: [handoffPhase('cognate-to-evomerge')],
      plugins: [tinyDataset()],
      builtins: BUILTIN_PLUGINS,
      config: { ...TINY_CONFIG, sinks: [] },
      // Right after generation 0, and in the middle of the next one.
      pauseAfter: [1, 60],
    }),
  );
});
