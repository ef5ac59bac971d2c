import { Type } from '@sinclair/typebox';
import { explainConfig, nearestPath, valuesAt } from '../../../core/config/explain.js';
import {
  createToken,
  definePhase,
  definePlugin,
  namedLayer,
  parseOverride,
  pluginSlot,
  withDefault,
  type CreateKernelOptions,
  type ForgeConfig,
} from '../../../core/index.js';
import type { BuiltinCatalogue, Kernel } from '../../../core/kernel/types.js';
import { resultOf } from '../support/toys.js';
import { Project } from './support/project.js';

let project: Project;
beforeEach(async () => {
  project = await Project.make();
});
afterEach(() => project.remove());

const TOOL = createToken<{ readonly options: unknown }>('tool');
const closed = { additionalProperties: false };
const Opaque = withDefault(Type.Record(Type.String(), Type.Unknown()), {});

const ToolOptions = Type.Object(
  { edge: withDefault(Type.Integer(), 3), grip: withDefault(Type.String(), 'plain') },
  closed,
);
const makeTool = (name: string) =>
  definePlugin({
    name,
    provides: ['tool'],
    options: ToolOptions,
    apply: (forge, options) => forge.provide(TOOL, name, () => ({ options })),
  });
const saw = makeTool('saw');

const WorkOptions = Type.Object(
  {
    steps: withDefault(Type.Integer({ minimum: 1 }), 100),
    rows: withDefault(Type.Integer(), 8),
    helper: withDefault(Type.Object({ use: withDefault(Type.String(), 'saw'), options: Opaque }, closed), {
      use: 'saw',
      options: { edge: 1 },
    }),
    model: withDefault(
      Type.Object(
        {
          shape: withDefault(Type.String(), 'round'),
          from: Type.Optional(Type.String()),
          sizes: Opaque,
          label: Type.Optional(Type.String()),
        },
        { ...closed, ...pluginSlot(['shape', 'from'], ['sizes']) },
      ),
      { shape: 'round', sizes: {} },
    ),
  },
  closed,
);
const work = definePhase({
  name: 'work',
  options: WorkOptions,
  create: () => ({
    title: 'Work',
    input: null,
    output: null,
    metrics: [],
    gates: [],
    run: () => Promise.resolve(resultOf()),
  }),
});

const builtins: BuiltinCatalogue = [
  { name: 'saw', point: 'tool', load: () => Promise.resolve(saw) },
  { name: 'work', point: 'phase', load: () => Promise.resolve(work) },
];

function boot(config: ForgeConfig, options: Partial<CreateKernelOptions> = {}): Promise<Kernel> {
  return project.boot({ config, builtins, ...options });
}
const phase = (kernel: Kernel) => kernel.config.pipeline[0]!.options;
const tool = (kernel: Kernel) => kernel.resolve(TOOL, 'saw').options;

describe('the nearer layer wins, whatever form it uses', () => {
  /** The same value in every form there is. */
  const phaseForms = (steps: number): readonly [string, ForgeConfig][] => [
    ['phases', { pipeline: ['work'], phases: { work: { steps } } }],
    ['options', { pipeline: ['work'], options: { work: { steps } } }],
    ['an instance', { pipeline: [work({ steps })] }],
    ['a pair', { pipeline: [['work', { steps }]] }],
    ['a record', { pipeline: [{ use: 'work', options: { steps } }] }],
    ['plugins', { pipeline: ['work'], plugins: [work({ steps })] }],
  ];
  const pairs = phaseForms(1).flatMap(([below], i) =>
    phaseForms(2).map(([above], j) => [below, above, i, j] as const),
  );

  it.each(pairs)('of a phase: %s below, %s above', async (_below, _above, i, j) => {
    const kernel = await boot({ extends: [phaseForms(1)[i]![1]], ...phaseForms(2)[j]![1] });
    expect(phase(kernel)).toMatchObject({ steps: 2, rows: 8 });
    expect(kernel.provenance['phases.work.steps']).toBe('config');
  });

  const toolForms = (edge: number): readonly [string, ForgeConfig][] => [
    ['options', { options: { saw: { edge } } }],
    ['an instance', { plugins: [saw({ edge })] }],
    ['a pair', { plugins: [['saw', { edge }]] }],
    ['a record', { plugins: [{ use: 'saw', options: { edge } }] }],
  ];
  const toolPairs = toolForms(1).flatMap(([below], i) =>
    toolForms(2).map(([above], j) => [below, above, i, j] as const),
  );

  it.each(toolPairs)('of a plugin: %s below, %s above', async (_below, _above, i, j) => {
    const below = toolForms(1)[i]![1];
    const kernel = await boot({
      extends: [{ ...below, options: { saw: { grip: 'soft', ...below.options?.['saw'] } } }],
      ...toolForms(2)[j]![1],
    });
    expect(tool(kernel)).toEqual({ edge: 2, grip: 'soft' });
    expect(kernel.provenance['options.saw.edge']).toBe('config');
  });

  it('within a layer: plugins, pipeline, options, phases; --set over all', async () => {
    const config: ForgeConfig = {
      plugins: [work({ steps: 1, rows: 1, model: { label: 'a' } })],
      pipeline: [['work', { steps: 2, rows: 2 }]],
      phases: { work: { steps: 4 } },
    };
    expect(phase(await boot(config))).toMatchObject({ steps: 4, rows: 2, model: { label: 'a' } });
    const overrides = [parseOverride('phases.work.steps=5'), parseOverride('options.work.rows=6')];
    expect(phase(await boot(config, { overrides }))).toMatchObject({ steps: 5, rows: 6 });
  });

  it('options of a pipeline that was replaced still hold, as options of a phase do', async () => {
    const kernel = await boot({ extends: [{ pipeline: [work({ steps: 7 })] }], pipeline: ['work'] });
    expect(phase(kernel)).toMatchObject({ steps: 7 });
  });

  it('a mistake is told where it was written', async () => {
    const error = await project.failure({
      builtins,
      config: {
        extends: [namedLayer('base', { pipeline: [['work', { steps: 0 }]] })],
        plugins: [['saw', { edeg: 1 }]],
      },
    });
    expect(error.problems).toMatchObject([
      { at: 'plugins[0] (saw).edeg', source: 'config', suggestion: 'edge' },
      { at: 'pipeline[0] (work).steps', source: 'base' },
    ]);
  });
});

describe('options follow the plugin that is named', () => {
  const below: ForgeConfig = {
    pipeline: ['work'],
    phases: {
      work: {
        helper: { use: 'saw', options: { edge: 9 } },
        model: { shape: 'square', sizes: { side: 4 }, label: 'kept' },
      },
    },
  };
  const over = async (work: Record<string, unknown>) =>
    phase(await boot({ extends: [below], phases: { work } })) as Record<string, unknown>;

  it('another one loses what was meant for the first', async () => {
    expect(await over({ helper: { use: 'axe' } })).toMatchObject({ helper: { use: 'axe', options: {} } });
    expect(await over({ helper: { use: 'axe', options: { weight: 2 } } })).toMatchObject({
      helper: { use: 'axe', options: { weight: 2 } },
    });
    expect((await over({ model: { shape: 'round' } }))['model']).toEqual({
      shape: 'round',
      sizes: {},
      label: 'kept',
    });
  });

  it('so does what stands for another one', async () => {
    expect((await over({ model: { from: './folder' } }))['model']).toEqual({
      ...{ shape: 'square', from: './folder', sizes: {}, label: 'kept' },
    });
  });

  it('the same one keeps them', async () => {
    expect(await over({ helper: { use: 'saw', options: { grip: 'x' } } })).toMatchObject({
      helper: { use: 'saw', options: { edge: 9, grip: 'x' } },
    });
    expect(await over({ helper: { options: { edge: 8 } } })).toMatchObject({
      helper: { use: 'saw', options: { edge: 8 } },
    });
  });

  it('options given without a name were meant for the default one', async () => {
    const unnamed: ForgeConfig = {
      pipeline: ['work'],
      phases: { work: { helper: { options: { edge: 9 } } } },
    };
    const kernel = await boot({ extends: [unnamed], phases: { work: { helper: { use: 'axe' } } } });
    expect(phase(kernel)).toMatchObject({ helper: { use: 'axe', options: {} } });
    const same = await boot({ extends: [unnamed], phases: { work: { helper: { use: 'saw' } } } });
    expect(phase(same)).toMatchObject({ helper: { use: 'saw', options: { edge: 9 } } });
  });

  it('--set switches too, and what was dropped is nobody’s', async () => {
    const kernel = await boot(below, { overrides: [parseOverride('phases.work.helper.use=axe')] });
    expect(phase(kernel)).toMatchObject({ helper: { use: 'axe', options: {} } });
    expect(kernel.provenance['phases.work.helper.options.edge']).toBeUndefined();
  });

  it('a plugin listed in the place of another one does not get its options', async () => {
    const other = makeTool('saw');
    const kernel = await boot({ extends: [{ options: { saw: { edge: 9 } } }], plugins: [other()] });
    expect(tool(kernel)).toEqual({ edge: 3, grip: 'plain' });
    const own = await boot({ extends: [{ options: { saw: { edge: 9 } } }], plugins: [saw({ grip: 'x' })] });
    expect(tool(own)).toEqual({ edge: 9, grip: 'x' });
  });
});

describe('explaining', () => {
  it('names the layer that set a value in any form, and whose default it is otherwise', async () => {
    const base = namedLayer('preset base', {
      pipeline: [work({ steps: 7, rows: 5 })],
      options: { saw: { edge: 4 } },
    });
    const kernel = await boot(
      { extends: [base], phases: { work: { rows: 6 } } },
      { overrides: [parseOverride('seed=1')] },
    );
    const values = explainConfig(kernel);
    const layerOf = (path: string) => valuesAt(values, path).map(({ value, layer }) => [value, layer]);
    expect(layerOf('phases.work.steps')).toEqual([[7, 'preset base']]);
    expect(layerOf('phases.work.rows')).toEqual([[6, 'config']]);
    expect(layerOf('phases.work.model.shape')).toEqual([['round', 'defaults of work']]);
    expect(layerOf('options.saw')).toEqual([
      [4, 'preset base'],
      ['plain', 'defaults of saw'],
    ]);
    expect(layerOf('seed')).toEqual([[1, '--set']]);
    expect(layerOf('pipeline')).toEqual([['work', 'preset base']]);
    expect(nearestPath('phases.work.step', values)).toBe('phases.work.steps');
    expect(nearestPath('phases.wrok', values)).toBe('phases.work');
  });

  it('modifyConfig sees and changes options of phases in one place', async () => {
    const modifier = definePlugin({
      name: 'modifier',
      apply: (forge) =>
        forge.hooks.modifyConfig.tap('more', (config) => {
          const { work: options } = config['phases'] as Record<string, Record<string, unknown>>;
          return { ...config, phases: { work: { ...options, rows: Number(options!['steps']) + 1 } } };
        }),
    });
    const kernel = await boot({ plugins: [modifier()], pipeline: [work({ steps: 7 })] });
    expect(phase(kernel)).toMatchObject({ steps: 7, rows: 8 });
    expect(valuesAt(explainConfig(kernel), 'phases.work.rows')[0]!.layer).toBe('modifyConfig');
  });
});
