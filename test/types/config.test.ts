import { expectTypeOf } from 'expect-type';
import {
  defineConfig,
  defineMerge,
  definePlugin,
  type ForgeConfig,
  type GateResult,
  type Handoff,
  type KernelHooks,
  type PhaseFacts,
  type PhaseResult,
  type RunEvent,
} from '../../core/contracts/index.js';

const first = defineMerge({
  name: 'first',
  create: () => ({ arity: { min: 1, max: null }, base: 'unused', merge: ({ models }) => models[0]! }),
});

describe('defineConfig', () => {
  test('takes a config, or a function that makes one', () => {
    expectTypeOf(defineConfig({ seed: 1 })).toEqualTypeOf<ForgeConfig>();
    expectTypeOf(defineConfig(() => ({ seed: 1 }))).returns.toEqualTypeOf<
      ForgeConfig | Promise<ForgeConfig>
    >();
    expectTypeOf(defineConfig(async () => ({ seed: 1 }))).returns.toEqualTypeOf<
      ForgeConfig | Promise<ForgeConfig>
    >();
  });

  test('takes plugins in every form, nested and switched off', () => {
    const debugging = false as boolean;
    const config = defineConfig({
      extends: ['quickstart', { seed: 2 }],
      plugins: [
        first(),
        'ties',
        './my-merge.ts',
        ['ties', { density: 0.2 }],
        { use: 'ties', options: { density: 0.2 } },
        debugging && first(),
        null,
        undefined,
        [first(), ['dare', { density: 0.1 }], [first()]],
      ],
      pipeline: ['cognate', first()],
      phases: { cognate: { maxSteps: 5 } },
      gates: { policy: 'strict' },
    });
    expect(config.plugins).toHaveLength(9);
  });

  test('unknown keys and wrong types do not compile', () => {
    // @ts-expect-error there is no key `plugin`
    defineConfig({ plugin: [] });
    // @ts-expect-error a number was expected
    defineConfig({ seed: 'forty-two' });
    // @ts-expect-error neither `strict` nor `research`
    defineConfig({ gates: { policy: 'lenient' } });
    // @ts-expect-error a factory must be called
    defineConfig({ plugins: [first] });
    // @ts-expect-error options are an object
    defineConfig({ plugins: [['ties', 0.2]] });
  });
});

describe('hook taps are typed by their hook', () => {
  test('arguments and what a tap may return', () => {
    const observer = definePlugin({
      name: 'observer',
      apply: ({ hooks }) => {
        hooks.modifyConfig.tap('observer', (config) => {
          expectTypeOf(config).toEqualTypeOf<Record<string, unknown>>();
          return { ...config, seed: 7 };
        });
        hooks.onBeforePhase.tapPromise('observer', async (phase) => {
          expectTypeOf(phase).toEqualTypeOf<PhaseFacts>();
        });
        hooks.validateInput.tap('observer', (phase, input) => {
          expectTypeOf(input).toEqualTypeOf<Handoff | null>();
          expectTypeOf(phase.index).toEqualTypeOf<number>();
        });
        hooks.validateOutput.tap('observer', (_phase, result) => {
          expectTypeOf(result).toEqualTypeOf<PhaseResult>();
        });
        hooks.modifyHandoff.tap('observer', (handoff) => {
          expectTypeOf(handoff).toEqualTypeOf<Handoff>();
          return handoff;
        });
        hooks.onGate.tap('observer', (_phase, gate) => {
          expectTypeOf(gate).toEqualTypeOf<GateResult>();
        });
        hooks.onEvent.tap('observer', (event) => {
          expectTypeOf(event).toEqualTypeOf<RunEvent>();
          if (event.type === 'metric') expectTypeOf(event.step).toEqualTypeOf<number>();
        });
        hooks.resolveIntervention.tap('observer', ({ actions }) => actions[0]);
      },
    });
    expect(observer().name).toBe('observer');
  });

  test('wrong taps do not compile', () => {
    definePlugin({
      name: 'wrong',
      apply: ({ hooks }) => {
        // @ts-expect-error a config is an object
        hooks.modifyConfig.tap('wrong', () => 'config');
        // @ts-expect-error an action is a name
        hooks.resolveIntervention.tap('wrong', () => 3);
        // @ts-expect-error events are no phases
        hooks.onEvent.tap('wrong', (_event: PhaseFacts) => undefined);
        // @ts-expect-error the lifecycle is fixed
        hooks.onDone = hooks.onDispose;
      },
    });
    expectTypeOf<'onBeforeLunch'>().not.toExtend<keyof KernelHooks>();
  });
});
