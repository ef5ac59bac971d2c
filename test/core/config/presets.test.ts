import { explainConfig, valuesAt } from '../../../core/config/explain.js';
import { OPTIMIZER, defineSink, parseOverride, type ForgeConfig, type Kernel } from '../../../core/index.js';
import { BUILTIN_PLUGINS } from '../../../plugins/catalogue.js';
import { cognate } from '../../../plugins/index.js';
import { PRESETS } from '../../../presets/catalogue.js';
import { quickstart } from '../../../presets/index.js';
import { Project } from './support/project.js';

/** The presets as users build on them. */
let project: Project;
beforeEach(async () => {
  project = await Project.make();
});
afterEach(() => project.remove());

const boot = (config: ForgeConfig, overrides: readonly string[] = []): Promise<Kernel> =>
  project.boot({
    config,
    builtins: BUILTIN_PLUGINS,
    presets: PRESETS,
    overrides: overrides.map(parseOverride),
  });
const options = (kernel: Kernel, phase: string) =>
  kernel.config.pipeline.find(({ name }) => name === phase)!.options as Record<string, unknown>;

it.each([
  ['by name', 'quickstart'],
  ['by value', quickstart()],
])('an entry of the pipeline wins over the preset %s, and leaves the rest of it', async (_, preset) => {
  const kernel = await boot({ extends: [preset], pipeline: [cognate({ maxSteps: 30 })] });
  expect(options(kernel, 'cognate')).toMatchObject({
    maxSteps: 30,
    model: { architecture: 'titans-mag', size: '1m' },
  });
  const at = (path: string) => valuesAt(explainConfig(kernel), path)[0]!.layer;
  expect(at('phases.cognate.maxSteps')).toBe('config');
  expect(at('phases.cognate.training.rows')).toBe('preset quickstart');
  expect(at('phases.cognate.training.clipNorm')).toBe('defaults of cognate');
});

it('another optimizer gets none of the preset’s options', async () => {
  const kernel = await boot({
    extends: [quickstart()],
    phases: { cognate: { optimizer: { use: 'adamw', options: { learningRate: 0.003 } } } },
  });
  const { use, options: own } = options(kernel, 'cognate')['optimizer'] as {
    use: string;
    options: Record<string, unknown>;
  };
  expect([use, own]).toEqual(['adamw', { learningRate: 0.003 }]);
  expect(kernel.resolve(OPTIMIZER, use, own).learningRate).toBe(0.003);
});

it('another architecture gets neither size nor hyper-parameters of the preset', async () => {
  const kernel = await boot({ extends: 'quickstart' }, ['phases.cognate.model.architecture=llama']);
  expect(options(kernel, 'cognate')['model']).toEqual({
    architecture: 'llama',
    size: null,
    from: null,
    hyperparameters: {},
  });
  expect(options(kernel, 'cognate')['tokenizer']).toMatchObject({ vocabularySize: 1024 });
});

it.each(Object.keys(PRESETS))('%s pins no sinks', async (preset) => {
  const csv = defineSink({ name: 'csv', create: () => ({ write: () => undefined }) });
  const kernel = await boot({ extends: preset, plugins: [csv()] });
  expect(kernel.config.sinks).toEqual(['console', 'jsonl', 'csv']);
});

it('mistakes of all stages are told at once', async () => {
  const error = await project.failure({
    builtins: BUILTIN_PLUGINS,
    presets: PRESETS,
    config: {
      extends: ['quickstrat'],
      sede: 7,
      seed: 'x',
      plugins: ['tiez', ['ties', { densty: 0.2 }]],
      pipeline: ['cognate', 7, 'evomrege'],
      phases: { cognate: { maxSteps: 'many', optimiser: {} } },
      options: { jsonl: { delay: -1 } },
      sinks: ['consol'],
      engine: 'onxruntime',
      gates: { policy: 'strct' },
    } as never,
  });
  expect(error.code).toBe('AF_CONFIG_INVALID');
  expect(error.problems.map(({ at }) => at).sort()).toEqual(
    [
      'config: extends[0]',
      'sede',
      'seed',
      'plugins[0]',
      'plugins[1] (ties).densty',
      'pipeline[1]',
      'pipeline[2]',
      'phases.cognate.maxSteps',
      'phases.cognate.optimiser',
      'options.jsonl.delay',
      'sinks[0]',
      'engine',
      'gates.policy',
    ].sort(),
  );
  const suggestions = Object.fromEntries(error.problems.map(({ at, suggestion }) => [at, suggestion]));
  expect(suggestions).toMatchObject({
    engine: 'onnxruntime',
    'sinks[0]': 'console',
    'pipeline[2]': 'evomerge',
  });
});
