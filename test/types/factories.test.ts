import { Type } from '@sinclair/typebox';
import { expectTypeOf } from 'expect-type';
import {
  COMPRESSOR,
  createToken,
  DATASET,
  defineMerge,
  definePhase,
  definePlugin,
  defineSink,
  ENGINE,
  MERGE,
  OPTIMIZER,
  PHASE,
  SINK,
  withDefault,
  type Compressor,
  type Dataset,
  type EngineProvider,
  type Forge,
  type GateResult,
  type Handoff,
  type MergeMethod,
  type Optimizer,
  type OptionsInput,
  type OptionsOutput,
  type Phase,
  type PhaseContext,
  type PhaseResult,
  type Plugin,
  type PluginFactory,
  type Sink,
  type Token,
} from '../../core/contracts/index.js';

const Options = Type.Object(
  {
    density: withDefault(Type.Number({ minimum: 0, maximum: 1 }), 0.2),
    name: Type.String(),
    note: Type.Optional(Type.String()),
    nested: withDefault(Type.Object({ deep: withDefault(Type.Integer(), 3), must: Type.Boolean() }), {
      deep: 3,
      must: true,
    }),
    mode: withDefault(Type.Union([Type.Literal('sum'), Type.Literal('count')]), 'sum'),
  },
  { additionalProperties: false },
);

const linear: MergeMethod = {
  arity: { min: 1, max: null },
  base: 'unused',
  merge: ({ models }) => models[0]!,
};

describe('options: what a user may write and what a plugin gets', () => {
  test('a default makes an option optional for the user, and present for the plugin', () => {
    expectTypeOf<OptionsInput<typeof Options>>().toEqualTypeOf<{
      density?: number;
      note?: string | undefined;
      nested?: { deep?: number; must: boolean };
      mode?: 'sum' | 'count';
      name: string;
    }>();
    expectTypeOf<OptionsOutput<typeof Options>>().toEqualTypeOf<{
      density: number;
      name: string;
      note?: string;
      nested: { deep: number; must: boolean };
      mode: 'sum' | 'count';
    }>();
  });

  test('the default must fit the schema', () => {
    // @ts-expect-error a text is no number
    withDefault(Type.Number(), 'half');
    // @ts-expect-error not one of the choices
    withDefault(Type.Union([Type.Literal('a'), Type.Literal('b')]), 'c');
  });
});

describe('factories check what a config writes', () => {
  const merge = defineMerge({
    name: 'typed',
    options: Options,
    create: (options, forge) => {
      expectTypeOf(options.density).toEqualTypeOf<number>();
      expectTypeOf(options.nested.deep).toEqualTypeOf<number>();
      expectTypeOf(options.note).toEqualTypeOf<string | undefined>();
      expectTypeOf(forge).toEqualTypeOf<Forge>();
      return linear;
    },
  });

  test('the required option must be there, the others need not', () => {
    expectTypeOf(merge({ name: 'x' })).toEqualTypeOf<Plugin>();
    expectTypeOf(
      merge({ name: 'x', density: 0.5, nested: { must: false }, mode: 'count' }),
    ).toEqualTypeOf<Plugin>();
    // @ts-expect-error `name` has no default
    merge();
    // @ts-expect-error `name` has no default
    merge({ density: 0.5 });
  });

  test('wrong types, unknown names and wrong choices do not compile', () => {
    // @ts-expect-error a number was expected
    merge({ name: 'x', density: 'high' });
    // @ts-expect-error there is no option `densty`
    merge({ name: 'x', densty: 0.5 });
    // @ts-expect-error neither `sum` nor `count`
    merge({ name: 'x', mode: 'mean' });
    // @ts-expect-error `must` is required inside
    merge({ name: 'x', nested: { deep: 1 } });
  });

  test('where every option has a default, none need be given', () => {
    const relaxed = defineSink({
      name: 'relaxed',
      options: Type.Object({ every: withDefault(Type.Integer(), 10) }),
      create: () => ({ write: () => undefined }),
    });
    expectTypeOf(relaxed).toBeCallableWith();
    expectTypeOf(relaxed).toBeCallableWith({ every: 5 });
    expectTypeOf(relaxed()).toEqualTypeOf<Plugin>();
  });

  test('a plugin without options takes none', () => {
    const plain = definePlugin({ name: 'plain', apply: () => undefined });
    expectTypeOf(plain()).toEqualTypeOf<Plugin>();
    expect(plain.pluginName).toBe('plain');
  });

  test('a factory is a plugin factory of its schema', () => {
    expectTypeOf(merge).toEqualTypeOf<PluginFactory<typeof Options>>();
    expect(merge.optionsSchema).toBe(Options);
    expect(merge.provides).toEqual(['merge']);
  });

  test('what is created must be what the extension point takes', () => {
    // @ts-expect-error a sink is no merge method
    defineMerge({ name: 'wrong', create: () => ({ write: () => undefined }) });
    // @ts-expect-error `base` is one of three words
    defineMerge({ name: 'wrong', create: () => ({ ...linear, base: 'perhaps' }) });
    // @ts-expect-error a name is needed
    defineMerge({ create: () => linear });
  });
});

describe('tokens carry the type of what they name', () => {
  test('the house tokens', () => {
    expectTypeOf(MERGE).toEqualTypeOf<Token<MergeMethod>>();
    expectTypeOf(SINK).toEqualTypeOf<Token<Sink>>();
    expectTypeOf(PHASE).toEqualTypeOf<Token<Phase>>();
    expectTypeOf(ENGINE).toEqualTypeOf<Token<EngineProvider>>();
    expectTypeOf(DATASET).toEqualTypeOf<Token<Dataset>>();
    expectTypeOf(OPTIMIZER).toEqualTypeOf<Token<Optimizer>>();
    expectTypeOf(COMPRESSOR).toEqualTypeOf<Token<Compressor>>();
  });

  test('resolve and provide follow the token', () => {
    const GREETER = createToken<{ greet(name: string): string }>('greeter');
    definePlugin({
      name: 'greeting',
      apply: (forge) => {
        forge.provide(GREETER, 'english', () => ({ greet: (name) => `Hello ${name}` }));
        // @ts-expect-error the greeting must be a text
        forge.provide(GREETER, 'silent', () => ({ greet: () => 1 }));
        expectTypeOf(forge.resolve(GREETER).greet).returns.toEqualTypeOf<string>();
        expectTypeOf(forge.resolve(MERGE, 'ties')).toEqualTypeOf<MergeMethod>();
        expectTypeOf(forge.names(MERGE)).toEqualTypeOf<readonly string[]>();
      },
    });
    // @ts-expect-error tokens of different things are not the same
    const wrong: Token<Sink> = MERGE;
    expect(wrong.id).toBe('merge');
  });
});

describe('a phase sees a typed context and gives a typed result', () => {
  test('context and result', () => {
    definePhase({
      name: 'typed',
      create: () => ({
        title: 'Typed',
        input: null,
        output: null,
        metrics: [],
        gates: [],
        run: async (ctx, input) => {
          expectTypeOf(ctx).toEqualTypeOf<PhaseContext>();
          expectTypeOf(input).toEqualTypeOf<Handoff | null>();
          expectTypeOf(ctx.resolve(MERGE)).toEqualTypeOf<MergeMethod>();
          ctx.metric('train/loss', null, { step: 1, reason: 'not measured' });
          // @ts-expect-error a metric has a step
          ctx.metric('train/loss', 1, {});
          // @ts-expect-error an array is no metric value
          ctx.metric('train/loss', [1], { step: 1 });
          expectTypeOf(await ctx.intervene('divergence', ['stop', 'lower-rate'], 'stop')).toEqualTypeOf<
            'stop' | 'lower-rate'
          >();
          return result;
        },
      }),
    });
    const result: PhaseResult = {
      models: [],
      metrics: { 'train/loss': null },
      gates: [],
      handoff: null,
      warnings: [],
    };
    // @ts-expect-error results cannot be changed afterwards
    result.warnings = ['late'];
    expectTypeOf<GateResult['passed']>().toEqualTypeOf<boolean | null>();
    expect(result.warnings).toEqual(['late']);
  });
});
