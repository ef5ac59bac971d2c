import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { Logger } from '../../../../core/contracts/logger.js';
import type { OptionsInput } from '../../../../core/contracts/options.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { Plugin } from '../../../../core/contracts/plugin.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { clonePlain } from '../../../../core/validation/plain.js';
import { loadValidator } from '../../../../core/validation/validator.js';
import { BakingOptions } from '../../../../plugins/phases/baking/options.js';
import { prepare, type BakingRun } from '../../../../plugins/phases/baking/prepare.js';
import { tinyHandoff } from '../../../../testing/index.js';
import { MemoryArea } from '../../../support/baking.js';
import { tinyBaking } from '../../../support/tiny-baking.js';
import { benchOf, looks } from '../bitnet/support.js';

export type Options = OptionsInput<typeof BakingOptions>;

/** The options of a tiny run with every default filled in. */
export async function completeOptions(overrides: Options = {}): Promise<BakingOptions> {
  const options = clonePlain(tinyBaking(overrides)) as BakingOptions;
  const validator = await loadValidator();
  const problems = validator.validate(BakingOptions, options, { at: '', fillDefaults: true });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return options;
}

/** The tiny forged model, for as long as a test file works with it. */
export interface Forged {
  readonly ctx: PhaseContext;
  readonly handoff: Handoff;
  close(): Promise<void>;
}

/** Open the tiny forged model as a phase would, and keep it. Close it afterwards. */
export async function openForged(more: readonly Plugin[] = []): Promise<Forged> {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let opened = (_: Pick<Forged, 'ctx' | 'handoff'>): void => undefined;
  const opening = new Promise<Pick<Forged, 'ctx' | 'handoff'>>((resolve) => (opened = resolve));
  const phase = looks(async (ctx) => {
    const { seed, sessionId: session, configHash } = ctx;
    const handoff = await tinyHandoff('curriculum-to-baking', ctx.store, { seed, session, configHash });
    opened({ ctx, handoff });
    await held;
  });
  const bench = await benchOf([phase], more);
  const ending = bench.kernel.run().then(({ error }) => {
    if (error !== null) throw error;
  });
  const close = async (): Promise<void> => {
    letGo();
    await ending;
    await bench.dispose();
  };
  const first = await Promise.race([opening, ending]);
  if (first === undefined) throw new Error('nothing was opened');
  return { ...first, close };
}

/** The phase, prepared by its tiny options and those of the test. */
export async function preparedRun({ ctx, handoff }: Forged, options: Options = {}): Promise<BakingRun> {
  return prepare(ctx, await completeOptions(options), handoff);
}

/** As if nothing had been done before: results are kept in memory, warnings are collected. */
export function afresh(run: BakingRun): BakingRun & { readonly warned: readonly string[] } {
  const warned: string[] = [];
  const log: Logger = { ...run.ctx.log, warn: (message) => void warned.push(message) };
  return { ...run, warned, ctx: { ...run.ctx, log, checkpoints: new MemoryArea() } };
}

/** A gain of the last norm, which packing leaves as it is: models of tests are told apart by its first number. */
const MARKED = 'norm';

/** The weights of the run with a mark. */
export function marked({ start: { weights } }: BakingRun, mark: number): TensorDict {
  const gain = weights[MARKED]!;
  const data = Float32Array.from(gain.data);
  data[0] = mark;
  return { ...weights, [MARKED]: { ...gain, data } };
}

/** The mark of weights; of those of the run what it is. */
export function markOf(weights: TensorDict): number {
  return weights[MARKED]!.data[0]!;
}
