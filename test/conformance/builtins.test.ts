import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { MERGE } from '../../core/contracts/merge.js';
import { expandMetricPattern, metricPatternRegExp } from '../../core/contracts/metric-pattern.js';
import {
  ARCHITECTURE,
  BAKING,
  CHECKER,
  COMPRESSOR,
  DATASET,
  definePlugin,
  FITNESS,
  loadMetricCatalogue,
  MUTATION,
  OPTIMIZER,
  PERSONA,
  PHASE,
  REGISTRY,
  SINK,
  STORAGE,
  TASK_GENERATOR,
  TERMINAL,
  TOKENIZER,
  TOOL,
  type Plugin,
  type Token,
} from '../../core/contracts/index.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import type { ConformanceCase } from '../../testing/case.js';
import {
  architectureConformance,
  bakingConformance,
  checkerConformance,
  compressorConformance,
  datasetConformance,
  fitnessConformance,
  implementationOf,
  mergeConformance,
  mutationConformance,
  optimizerConformance,
  personaConformance,
  registryConformance,
  sinkConformance,
  storageConformance,
  taskGeneratorConformance,
  tinyLlama,
  tinyTitansMag,
  tokenizerConformance,
  toolConformance,
} from '../../testing/index.js';
import { testConformance } from '../support/conformance.js';
import { recordedTerminal } from '../support/recorder.js';

const DATA = resolve(process.cwd(), '..', 'shared', 'data');

/** The console writes to a terminal that only remembers. */
const terminal = definePlugin({
  name: 'recorded-terminal',
  apply: (forge) => forge.provide(TERMINAL, 'recorded', () => recordedTerminal({ interactive: true })),
});

/** Datasets that read files; `text` and `json-lines` read the user's own and are tested beside their code. */
const FILES = ['arc', 'commonsenseqa', 'gsm8k', 'mbpp', 'piqa', 'svamp', 'tinystories'];
const OWN_FILES = ['text', 'json-lines'];

/** Small hyper-parameters of every architecture. */
const TINY: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'titans-mag': tinyTitansMag(),
  llama: tinyLlama(),
};

/** Standard deviations of weights that a format is made for; all that the suite knows where nothing is said. */
const SCALES: Readonly<Record<string, readonly number[]>> = {
  float16: [1e-3, 1, 1e4],
  int4: [1e-4, 1, 1e4],
  // A scale is at least 1e-5.
  ternary: [1e-5, 1, 1e4],
};

interface Builtin {
  readonly name: string;
  readonly point: string;
  readonly load: () => Promise<unknown>;
}

async function pluginOf(builtin: Builtin): Promise<Plugin> {
  const factory = (await builtin.load()) as () => Plugin;
  return factory();
}

/** The suite of a built-in plugin; null where another test runs it (phases and engines need a run of their own). */
function suiteOf(builtin: Builtin): readonly ConformanceCase[] | null {
  const subject =
    <T>(token: Token<T>) =>
    async (): Promise<T> =>
      implementationOf(token, await pluginOf(builtin), builtin.point === SINK.id ? [terminal()] : []);
  switch (builtin.point) {
    case ARCHITECTURE.id:
      return architectureConformance(subject(ARCHITECTURE), { hyperparameters: TINY[builtin.name]! });
    case BAKING.id:
      return bakingConformance(subject(BAKING));
    case CHECKER.id:
      return checkerConformance(subject(CHECKER));
    case COMPRESSOR.id:
      return compressorConformance(subject(COMPRESSOR), { scales: SCALES[builtin.name] });
    case DATASET.id:
      return datasetSuite(builtin, subject(DATASET));
    case FITNESS.id:
      return fitnessConformance(subject(FITNESS));
    case MERGE.id:
      return mergeConformance(subject(MERGE));
    case MUTATION.id:
      return mutationConformance(subject(MUTATION));
    case OPTIMIZER.id:
      return optimizerConformance(subject(OPTIMIZER));
    case PERSONA.id:
      return personaConformance(subject(PERSONA));
    case REGISTRY.id:
      return registryConformance(subject(REGISTRY));
    case SINK.id:
      return sinkConformance(subject(SINK), { points: 10_000 });
    case STORAGE.id:
      return storageConformance(subject(STORAGE));
    case TASK_GENERATOR.id:
      return generatorSuite(builtin, subject(TASK_GENERATOR));
    case TOKENIZER.id:
      return tokenizerConformance(subject(TOKENIZER));
    case TOOL.id:
      return toolConformance(subject(TOOL));
    default:
      return null;
  }
}

function datasetSuite(
  { name }: Builtin,
  subject: Parameters<typeof datasetConformance>[0],
): readonly ConformanceCase[] | null {
  if (OWN_FILES.includes(name)) return null;
  if (!FILES.includes(name)) return datasetConformance(subject);
  if (existsSync(DATA)) return datasetConformance(subject, { root: DATA, needsFiles: true });
  process.stdout.write(`skipped: ${name} needs ../shared/data\n`);
  return null;
}

/** One asks tools and one a service: their suites run beside their code. */
function generatorSuite(
  { name }: Builtin,
  subject: Parameters<typeof taskGeneratorConformance>[0],
): readonly ConformanceCase[] | null {
  return ['tool-tasks', 'openrouter-tasks'].includes(name) ? null : taskGeneratorConformance(subject);
}

const suites = BUILTIN_PLUGINS.map((builtin) => ({ builtin, suite: suiteOf(builtin) }));

describe.each(
  suites.flatMap(({ builtin, suite }) => (suite ? [[builtin.point, builtin.name, suite] as const] : [])),
)('built-in %s %s', (_point, _name, suite) => {
  testConformance(suite);
});

describe('the catalogue', () => {
  test.each(BUILTIN_PLUGINS.map((builtin) => [builtin.name, builtin] as const))(
    '%s is what it says',
    async (_, builtin) => {
      const plugin = await pluginOf(builtin);
      expect(plugin.name).toBe(builtin.name);
      expect(plugin.provides).toEqual([builtin.point]);
      expect(plugin.description).toMatch(/\S/);
    },
  );

  test.each(
    BUILTIN_PLUGINS.filter(({ point }) => point === PHASE.id).map(
      (builtin) => [builtin.name, builtin] as const,
    ),
  )('the metrics of phase %s are in the metric catalogue', async (name, builtin) => {
    const catalogue = loadMetricCatalogue();
    const known = [...catalogue.counted, ...catalogue.additional]
      .filter(({ phase }) => phase === name || phase === '*')
      .map((metric) => metricPatternRegExp(metric.name));
    const { metrics } = await implementationOf(PHASE, await pluginOf(builtin));
    const names = metrics.flatMap((metric) =>
      typeof metric === 'string' ? expandMetricPattern(metric) : [],
    );
    const unknown = names.map(anExample).filter((each) => !known.some((pattern) => pattern.test(each)));
    expect(unknown).toEqual([]);
  });

  test('names nothing twice', () => {
    const names = BUILTIN_PLUGINS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

/** A name with its open places filled in. */
function anExample(name: string): string {
  const words: Readonly<Record<string, string>> = { N: '1', bits: '101', merge: 'ties' };
  return name.replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? word);
}
