import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { MetricValue } from '../../../../core/contracts/metrics.js';
import { definePhase, type PhaseContext } from '../../../../core/contracts/phase.js';
import type { Plugin } from '../../../../core/contracts/plugin.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { bakeThoughts, type BakedModels } from '../../../../plugins/phases/quietstar/bake.js';
import type { QuietstarOptions } from '../../../../plugins/phases/quietstar/options.js';
import { prepare, type QuietstarRun } from '../../../../plugins/phases/quietstar/prepare.js';
import { sharesOf } from '../../../../plugins/phases/quietstar/shares.js';
import { createTestKernel, tinyDataset, tinyHandoff, type TestKernel } from '../../../../testing/index.js';
import { TINY_CONFIG } from '../../../support/tiny-cognate.js';
import { tinyQuietstar, worked } from '../../../support/tiny-quietstar.js';
import { completeOptions } from './support.js';

type Options = NonNullable<Parameters<typeof tinyQuietstar>[0]>;
type Baking = NonNullable<Options['baking']>;

/** A kernel with the data of the tiny runs. */
export const benchOf = (pipeline: readonly Plugin[]): Promise<TestKernel> =>
  createTestKernel({
    ...{ builtins: BUILTIN_PLUGINS, pipeline, plugins: [tinyDataset(), worked()] },
    config: { ...TINY_CONFIG, sinks: [] },
  });

/** With which a tiny model learns something in a few updates. */
export const OPTIMIZER = { use: 'adamw', options: { learningRate: 0.003, weightDecay: 0 } };

export interface Step1 {
  readonly run: QuietstarRun;
  readonly options: QuietstarOptions;
  readonly baked: BakedModels;
  /** What was told of how much is done. */
  readonly fractions: readonly number[];
  /** Values of every metric, in the order they were told. */
  readonly metrics: ReadonlyMap<string, readonly MetricValue[]>;
}

/** Step 1 alone, on the tiny champion. @param use while the engine is there */
export async function step1<T>(
  changes: Baking,
  use: (step: Step1) => T | Promise<T>,
  quiet: Options['quiet'] = tinyQuietstar().quiet,
): Promise<T> {
  const { baking } = tinyQuietstar();
  const options = await completeOptions({ quiet, baking: { ...baking, optimizer: OPTIMIZER, ...changes } });
  let used: { readonly of: T } | undefined;
  const bakes = definePhase({
    name: 'bakes',
    create: () => ({
      ...{ title: 'Bakes', input: null, output: null, metrics: [], gates: [] },
      run: async (ctx: PhaseContext) => {
        const { seed, sessionId: session, configHash } = ctx;
        const origin = { seed, session, configHash };
        const handoff: Handoff = await tinyHandoff('evomerge-to-quietstar', ctx.store, origin);
        const fractions: number[] = [];
        const metrics = new Map<string, MetricValue[]>();
        const quiet: PhaseContext = {
          ...ctx,
          metric: (name, value) => void metrics.set(name, [...(metrics.get(name) ?? []), value]),
          progress: ({ phaseFraction }) => void fractions.push(phaseFraction ?? 0),
        };
        const run = await prepare(quiet, options, handoff);
        const shares = sharesOf(options);
        const baked = await bakeThoughts(run, (part, done) => shares.at(part, done));
        used = { of: await use({ run, options, baked, fractions, metrics }) };
        return { models: [], metrics: {}, gates: [], handoff: null, warnings: [] };
      },
    }),
  });
  const bench = await benchOf([bakes()]);
  try {
    const { error } = await bench.kernel.run();
    if (error !== null) throw error;
    return used!.of;
  } finally {
    await bench.dispose();
  }
}
