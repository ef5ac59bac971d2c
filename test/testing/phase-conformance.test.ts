import { definePhase, type Phase, type PhaseContext, type PhaseResult } from '../../core/contracts/index.js';
import { phaseConformance, tinyModels } from '../../testing/index.js';
import { fails, testConformance } from '../support/conformance.js';

describe('the tiny models conform', () => {
  testConformance(phaseConformance(() => tinyModels(), { pauseAfter: [1, 3] }));
});

describe('with checkpoints after every model, too', () => {
  testConformance(phaseConformance(() => tinyModels({ checkpoint: true }), { pauseAfter: [2] }));
});

function result(metrics: PhaseResult['metrics'] = {}, gates: PhaseResult['gates'] = []): PhaseResult {
  return { models: [], metrics, gates, handoff: null, warnings: [] };
}

/** A phase of three steps that stores what it adds up; `changes` break it. */
function summing(
  changes: Partial<Phase>,
  step: (ctx: PhaseContext, sum: number) => number = (_, sum) => sum + 1,
) {
  return definePhase({
    name: 'summing',
    create: (): Phase => ({
      title: 'Summing',
      input: null,
      output: { type: 'object' },
      metrics: ['sum'],
      gates: [],
      run: async (ctx) => {
        let { n, sum } = ((await ctx.checkpoints.latest())?.state ?? { n: 0, sum: 0 }) as {
          n: number;
          sum: number;
        };
        const save = (): Promise<void> => ctx.checkpoints.save({ step: n, tensors: {}, state: { n, sum } });
        for (; n < 3;) {
          n += 1;
          sum = step(ctx, sum);
          ctx.metric('sum', sum, { step: n });
          await ctx.pausePoint(save);
        }
        const base = await ctx.store.put('sum.txt', String(sum));
        const handoff = {
          schema: 'test:handoff/sum@1',
          source_phase: 'summing',
          created_at: '2026-01-01T00:00:00Z',
          models: [],
          artifacts: { base },
          data: null,
          facts: {},
        };
        return { ...result(), handoff };
      },
      ...changes,
    }),
  });
}

describe('a plain phase conforms', () => {
  testConformance(phaseConformance(() => summing({})()));
});

describe('a wrong phase fails, in the case that is about it', () => {
  let calls = 0;
  test.each<[string, string, ReturnType<typeof summing>]>([
    ['a metric nobody declared', 'reports what it declares', summing({ metrics: [] })],
    [
      'a null metric without a reason',
      'reports what it declares',
      summing({ run: async (ctx) => (ctx.metric('sum', null, { step: 1 }), result()), output: null }),
    ],
    [
      'a gate nobody declared',
      'reports what it declares',
      summing({
        run: async () =>
          result({}, [{ name: 'surprise', class: 'target', passed: true, measured: 1, target: '1' }]),
        output: null,
      }),
    ],
    ['no title', 'declares schemas that can be used, metrics and gates', summing({ title: ' ' })],
    [
      'no schema',
      'declares schemas that can be used, metrics and gates',
      summing({ input: { type: 'handoff' } }),
    ],
    [
      'the same gate twice',
      'declares schemas that can be used, metrics and gates',
      summing({ gates: ['a', 'a'] }),
    ],
    ['a private counter', 'gives the same bits for the same seed', summing({}, () => calls++)],
    [
      'steps that resuming repeats',
      'gives the same bits after a pause at event 1',
      summing({
        run: async (ctx) => {
          const from = ((await ctx.checkpoints.latest())?.state ?? { sum: 0 }) as { sum: number };
          let { sum } = from;
          for (let n = 0; n < 3; n++) {
            sum += 1;
            ctx.metric('sum', sum, { step: n });
            await ctx.pausePoint(() => ctx.checkpoints.save({ step: n, tensors: {}, state: { sum } }));
          }
          const base = await ctx.store.put('sum.txt', String(sum));
          const handoff = {
            schema: 'test:handoff/sum@1',
            source_phase: 'summing',
            created_at: '2026-01-01T00:00:00Z',
            models: [],
            artifacts: { base },
            data: null,
            facts: {},
          };
          return { ...result(), handoff };
        },
      }),
    ],
    [
      'no point to pause at',
      'gives the same bits after a pause at event 1',
      summing({ run: async (ctx) => (ctx.metric('sum', 1, { step: 1 }), result()), output: null }),
    ],
    [
      'a plan that cannot be met',
      'plans without starting',
      summing({
        plan: () =>
          Promise.resolve({
            facts: {},
            memoryBytes: 1,
            diskBytes: 1,
            problems: [{ at: 'summing', message: 'never' }],
          }),
      }),
    ],
  ])('%s', async (_, name, plugin) => {
    expect(
      await fails(
        phaseConformance(() => plugin()),
        name,
      ),
    ).toBe(true);
  });
});
