import { Type } from '@sinclair/typebox';
import * as agentforge from '../../core/contracts/index.js';
import * as plugins from '../../plugins/index.js';

/**
 * Of every kind of plugin: the options that a factory takes compile, and a name it does not know does not. A built-in one
 * stands for its kind where there is one with options, and always one as a third party would define it.
 */
const options = Type.Object(
  { size: agentforge.withDefault(Type.Integer(), 3) },
  { additionalProperties: false },
);
const definition = {
  name: 'own',
  options,
  create: (): never => {
    throw new Error('only the types count here');
  },
};
const made = (...both: readonly agentforge.Plugin[]) => {
  for (const plugin of both) expect(plugin.options).not.toEqual({});
};

test('a phase', () => {
  const own = agentforge.definePhase(definition);
  made(own({ size: 1 }), plugins.cognate({ maxSteps: 5 }), plugins.evomerge({ generations: 2 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `maxStepz`
  plugins.cognate({ maxStepz: 5 });
  // @ts-expect-error there is no option `generation` of a number
  plugins.evomerge({ generation: 2 });
});

test('a merge', () => {
  const own = agentforge.defineMerge(definition);
  made(own({ size: 1 }), plugins.ties({ density: 0.2 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `densityy`
  plugins.ties({ densityy: 0.2 });
});

test('an optimizer', () => {
  const own = agentforge.defineOptimizer(definition);
  made(own({ size: 1 }), plugins.adamW({ learningRate: 0.1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `learningRte`
  plugins.adamW({ learningRte: 0.1 });
});

test('a sink', () => {
  const own = agentforge.defineSink(definition);
  made(own({ size: 1 }), plugins.jsonl({ progress: true }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `progres`
  plugins.jsonl({ progres: true });
});

test('a compressor', () => {
  const own = agentforge.defineCompressor(definition);
  made(own({ size: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
});

test('a baking method', () => {
  const own = agentforge.defineBaking(definition);
  made(own({ size: 1 }), plugins.prompts({ perExample: 2 }), plugins.traces({ adapters: { rank: 4 } }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `perExampel`
  plugins.prompts({ perExampel: 2 });
});

test('an engine', () => {
  const own = agentforge.defineEngine(definition);
  made(own({ size: 1 }), plugins.onnxruntime({ threads: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `thread`
  plugins.onnxruntime({ thread: 1 });
});

test('a dataset', () => {
  const own = agentforge.defineDataset(definition);
  made(own({ size: 1 }), plugins.text({ path: './books' }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `folder`
  plugins.text({ path: './books', folder: 'x' });
});

test('a tokenizer', () => {
  const own = agentforge.defineTokenizer(definition);
  made(own({ size: 1 }), plugins.byteBpe({ digits: false }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `digit`
  plugins.byteBpe({ digit: false });
});

test('a registry', () => {
  const own = agentforge.defineRegistry(definition);
  made(own({ size: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error it takes no options
  plugins.lowdb({ anything: 1 });
});

test('a storage', () => {
  const own = agentforge.defineStorage(definition);
  made(own({ size: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error it takes no options
  plugins.files({ anything: 1 });
});

test('an architecture', () => {
  const own = agentforge.defineArchitecture(definition);
  made(own({ size: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error it takes no options
  plugins.titansMag({ anything: 1 });
});

test('an evaluator', () => {
  const own = agentforge.defineEvaluator(definition);
  made(own({ size: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
});

test('a mutation', () => {
  const own = agentforge.defineMutation(definition);
  made(own({ size: 1 }), plugins.weightNoise({ sigma: 0.1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `sigmaa`
  plugins.weightNoise({ sigmaa: 0.1 });
});

test('a fitness term', () => {
  const own = agentforge.defineFitnessTerm(definition);
  made(own({ size: 1 }), plugins.memory({ snap: 0.1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `snapp`
  plugins.memory({ snapp: 0.1 });
});

test('a tool', () => {
  const own = agentforge.defineTool(definition);
  made(own({ size: 1 }), plugins.fileReader({ files: { a: 'x' } }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `file`
  plugins.fileReader({ file: {} });
});

test('a generator of tasks', () => {
  const own = agentforge.defineTaskGenerator(definition);
  made(own({ size: 1 }), plugins.arithmeticTasks({ largest: 9 }), plugins.openrouterTasks({ budgetUsd: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error there is no option `largestt`
  plugins.arithmeticTasks({ largestt: 9 });
});

test('a checker', () => {
  const own = agentforge.defineChecker(definition);
  made(own({ size: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error it has none
  plugins.exact({ size: 1 });
});

test('a persona, its plugin named after it', () => {
  const own = agentforge.definePersona(definition);
  made(own({ size: 1 }));
  expect([own.pluginName, own({ size: 1 }).name]).toEqual(['own-persona', 'own-persona']);
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
  // @ts-expect-error it has none
  plugins.helpfulPersona({ size: 1 });
});

test('a command, its flags too', () => {
  const flags = Type.Object({ most: Type.Integer() }, { additionalProperties: false });
  const own = agentforge.defineCommand({
    name: 'own',
    description: 'only the types count here',
    options,
    flags,
    // @ts-expect-error there is no flag `mostt`
    run: async ({ flags: given }, { size }) => (given.most + size > 0 && given.mostt === undefined ? 0 : 1),
  });
  made(own({ size: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
});

test('a plugin that does anything', () => {
  const { create: _, ...rest } = definition;
  const own = agentforge.definePlugin({ ...rest, apply: () => undefined });
  made(own({ size: 1 }));
  // @ts-expect-error there is no option `sise`
  own({ sise: 1 });
});

test('every kind there is has its test', () => {
  const defines = Object.keys(agentforge).filter((name) => /^define[A-Z]/.test(name));
  const untested = ['defineConfig', 'defineFor'];
  expect(defines.filter((name) => !untested.includes(name))).toHaveLength(21);
});
