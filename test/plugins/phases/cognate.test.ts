import { byteBpe, cognate, llama, muGrokfast, onnxruntime, titansMag } from '../../../plugins/index.js';
import { createTestKernel, type TestKernel } from '../../../testing/index.js';
import type { RunReport } from '../../../core/kernel/types.js';
import { counting, otherCounting, sums, TINY_CONFIG, tinyCognate } from '../../support/tiny-cognate.js';

const tools = [onnxruntime({ threads: 1 }), titansMag(), llama(), muGrokfast(), byteBpe()];
const plugins = [...tools, counting(), sums()];
const config = { seed: TINY_CONFIG.seed! };

async function run(
  options = tinyCognate(),
  seed = config.seed,
): Promise<{ bench: TestKernel; report: RunReport }> {
  const bench = await createTestKernel({ plugins, pipeline: [cognate(options)], config: { seed } });
  return { bench, report: await bench.kernel.run() };
}

const hashes = (report: RunReport): string[] =>
  report.phases[0]!.result!.models.map((model) => model.weights.sha256);

describe('cognate', () => {
  let bench: TestKernel;
  let report: RunReport;
  beforeAll(async () => {
    ({ bench, report } = await run());
  });
  afterAll(() => bench.dispose());

  const result = () => report.phases[0]!.result!;

  it('gives three models of one shape and one ancestor, each with its own constants', () => {
    const { models, handoff } = result();
    expect(models.map((model) => model.name)).toEqual([
      'reasoning',
      'memory_integration',
      'adaptive_computation',
    ]);
    expect(new Set(hashes(report)).size).toBe(3);
    const of = (key: string): unknown[] => models.map((model) => model.metadata.attributes[key]);
    expect(new Set(of('arch_hash')).size).toBe(1);
    expect(new Set(of('trunk_id'))).toEqual(new Set([handoff!.artifacts['base']!.sha256]));
    expect(of('ponder_cost')).toEqual([0.001, 0.005, 0.02]);
    expect(models.every((model) => model.tokenizer?.sha256 === models[0]!.tokenizer?.sha256)).toBe(true);
  });

  it('measures what it reports: losses fall below the untrained model, causality holds', () => {
    const { metrics, gates } = result();
    for (const name of ['reasoning', 'memory_integration', 'adaptive_computation']) {
      expect(metrics[`held_out/${name}`]).toBeLessThan(metrics['held_out_at_start'] as number);
    }
    const gate = (name: string) => gates.find((one) => one.name === name)!;
    expect(gate('causality')).toMatchObject({ class: 'integrity', passed: true });
    // Six updates are no training: the target is missed and said to be.
    expect(gate('loss_reduction/reasoning')).toMatchObject({ class: 'target', passed: false });
  });

  it('tells how much is done at all times, to the end, never less than before', () => {
    const told = bench.events.flatMap((event) =>
      event.type === 'progress' && event.phase === 'cognate' ? [event] : [],
    );
    // Before it, data and tokenizer are made ready.
    const fractions = told
      .slice(told.findIndex(({ task }) => task.startsWith('untrained')))
      .map(({ phaseFraction }) => phaseFraction);
    expect(fractions.length).toBeGreaterThan(20);
    expect(fractions).not.toContain(undefined);
    expect(fractions).toEqual([...fractions].sort((a, b) => a! - b!));
    expect(fractions.at(-1)).toBeGreaterThan(0.9);
    expect(fractions.at(-1)).toBeLessThan(1);
  });

  it('stores the weights, the ancestor and Fisher sidecars of mean 1', async () => {
    const store = (await bench.kernel.storage()).artifacts;
    const [model] = result().models;
    const weights = await store.readTensors(model!.weights);
    const base = await store.readTensors(result().handoff!.artifacts['base']!);
    expect(Object.keys(weights).sort()).toEqual(Object.keys(base).sort());
    const fisher = await store.readTensors(model!.sidecars['fisher']!);
    const table = fisher['embedding.table']!.data;
    expect([...table].reduce((sum, value) => sum + value, 0) / table.length).toBeCloseTo(1, 1);
  });

  it('gives the same hashes for the same seed and others for another', async () => {
    const same = await run();
    const other = await run(tinyCognate(), 8);
    expect(hashes(same.report)).toEqual(hashes(report));
    expect(hashes(other.report)).not.toEqual(hashes(report));
    await same.bench.dispose();
    await other.bench.dispose();
  });

  it("trains one model, or some with names of one's own, each with its own constants", async () => {
    const own = (name: string, hyperparameters = {}) => ({
      name,
      seed: 1,
      mix: { language: 1 },
      hyperparameters,
    });
    const specializations = [own('slow', { memoryCapacity: 32 }), own('fast', { memoryCapacity: 16 })];
    const ran = await run(tinyCognate({ specializations }));
    const { models, gates: judged, metrics } = ran.report.phases[0]!.result!;
    expect(models.map(({ name }) => name)).toEqual(['slow', 'fast']);
    expect(models.map(({ config: { hyperparameters } }) => hyperparameters['memoryCapacity'])).toEqual([
      32, 16,
    ]);
    expect(judged.find(({ name }) => name === 'model_count')).toMatchObject({ measured: 2, passed: true });
    expect(metrics['model_2/parameters']).toEqual(expect.any(Number));
    await ran.bench.dispose();
  });

  it('names every problem of its options before anything is trained', async () => {
    const broken = tinyCognate({
      data: { datasets: ['countin'] },
      training: { ...tinyCognate().training, length: 64 },
      model: { hyperparameters: { dModel: 15 } },
    });
    const kernel = await createTestKernel({ plugins, pipeline: [cognate(broken)], config });
    const { problems } = await kernel.kernel.plan();
    const places = problems.map((problem) => problem.at);
    expect(places).toContain('phases.cognate.data.datasets[0]');
    expect(places.some((at) => at.endsWith('dModel'))).toBe(true);
    await expect(kernel.kernel.run()).rejects.toMatchObject({ code: 'AF_PLAN_INVALID' });
    await kernel.dispose();
  });

  it('refuses to go on with other data', async () => {
    const paused = await createTestKernel({ plugins, pipeline: [cognate(tinyCognate())], config });
    let left = 40;
    paused.kernel.hooks.onEvent.tap('pause', (event) => {
      if (event.type === 'metric' && --left === 0) paused.kernel.requestPause();
    });
    const { sessionId, status } = await paused.kernel.run();
    expect(status).toBe('paused');
    await paused.kernel.dispose();
    const resumed = await createTestKernel({
      folder: paused.folder,
      plugins: [...tools, sums(), otherCounting()],
      pipeline: [cognate(tinyCognate())],
      config,
    });
    const report = await resumed.kernel.run({ resume: sessionId });
    expect(report).toMatchObject({ status: 'failed', error: { code: 'AF_DATA_CHANGED' } });
    await resumed.dispose();
  });
});

test('a model without recursion, halting and memory is trained as well; what it has not is not measured', async () => {
  const { bench, report } = await run(tinyCognate({ model: { architecture: 'llama', size: 'micro' } }));
  try {
    expect(report.error).toBeNull();
    const { models, gates, metrics } = report.phases[0]!.result!;
    for (const { config: model, metadata } of models) {
      expect(model).toMatchObject({
        architecture: 'llama',
        hyperparameters: { vocabularySize: 300, layers: 2 },
      });
      expect(metadata.metrics['avg_halting_steps'] ?? null).toBeNull();
    }
    expect(new Set(hashes(report)).size).toBe(3);
    expect(metrics['held_out/reasoning']).toBeLessThan(metrics['held_out_at_start'] as number);
    const gate = (name: string) => gates.find((one) => one.name === name)!;
    expect(gate('causality')).toMatchObject({ passed: true });
    expect(gate('halting_spread')).toMatchObject({ passed: null });
  } finally {
    await bench.dispose();
  }
});
