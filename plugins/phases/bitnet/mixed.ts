import {
  allocate,
  formatErrors,
  measureSensitivity,
  type Allocation,
  type FormatNames,
  type Sensitivity,
} from '../../../nn/quantization/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { counted } from '../shared/progress.js';
import type { Calibrated } from './calibrate.js';
import { capOf } from './fit.js';
import { quantizationOf } from './layer-map.js';
import { lossesOf, lossRises, lossSum, type Losses } from './measure.js';
import { AT } from './paths.js';
import type { BitnetRun } from './prepare.js';
import { latentModel, type LatentModel } from '../shared/quantized/latent.js';
import { recover, type Recovered } from './recover.js';

/** What giving some matrices more bits came to. */
export interface Mixed {
  /** Why it was tried, or why not. */
  readonly reason: 'asked for' | 'missed' | 'not needed' | 'not asked for';
  readonly sensitivity: Sensitivity | null;
  readonly allocation: Allocation | null;
  /** Losses on the lists to choose by, of the float model, of all ternary, and with more bits. */
  readonly losses: {
    readonly before: Losses | null;
    readonly ternary: Losses | null;
    readonly mixed: Losses | null;
  };
  /** Whether the model with more bits goes on: it does unless it is worse. */
  readonly kept: boolean;
}

const NOTHING: Mixed = {
  reason: 'not asked for',
  ...{ sensitivity: null, allocation: null, kept: false },
  losses: { before: null, ternary: null, mixed: null },
};

/**
 * Give the groups of matrices that cost most in three values more bits, as many as the size cap allows, and train a little
 * with them: always, never, or where the ternary model misses what the gates ask for, on lists that nothing is reported on.
 */
export async function mixPrecisions(
  run: BitnetRun,
  start: Calibrated,
  recovered: Recovered,
  fraction: (done: number) => number,
): Promise<{ readonly recovered: Recovered; readonly mixed: Mixed }> {
  const { when, retune } = run.options.mixed;
  if (when === 'never') return { recovered, mixed: NOTHING };
  const before = await lossesOf(run, run.teacher, 'free');
  const ternary = await lossesOf(run, recovered.model, 'free');
  const missed = misses(run, before, ternary);
  if (when === 'missed' && !missed) {
    const mixed: Mixed = { ...NOTHING, reason: 'not needed', losses: { before, ternary, mixed: null } };
    return { recovered, mixed };
  }
  const { sensitivity, allocation } = await allocated(run, start, recovered.model);
  const reason = when === 'always' ? 'asked for' : 'missed';
  const found = { reason, sensitivity, allocation } as const;
  if (allocation.purchases.length === 0)
    return { recovered, mixed: { ...found, losses: { before, ternary, mixed: null }, kept: false } };
  const more = withFormats(run, start, recovered.model, allocation.formats);
  const steps = Math.round(retune * run.options.recovery.steps);
  const retuned =
    steps === 0
      ? { ...recovered, model: more }
      : await recover(run, more, { name: 'mixed', steps, fraction });
  const losses = { before, ternary, mixed: await lossesOf(run, retuned.model, 'free') };
  const kept = lossSum(losses.mixed) <= lossSum(ternary);
  const total = { ...retuned, steps: recovered.steps + steps };
  return { recovered: kept ? total : recovered, mixed: { ...found, losses, kept } };
}

/** Whether the perplexity of text or of worked answers rose by more than the gate allows. */
function misses({ options }: BitnetRun, before: Losses, after: Losses): boolean {
  const most = Math.log(1 + options.gates.perplexityRise);
  return lossRises(before, after).some((rise) => rise > most);
}

async function allocated(run: BitnetRun, { choices, formats, statistics }: Calibrated, model: LatentModel) {
  const errors = formatErrors(choices, formats, model.weights, statistics.matrices);
  const start = { formats };
  const loss = async (names: FormatNames): Promise<number> =>
    lossSum(await lossesOf(run, withFormats(run, start, model, names), 'free'));
  const told: { report?: (done: number) => Promise<void> } = {};
  const sensitivity = await measureSensitivity(choices, errors, {
    loss,
    onEvaluation: async (done, total) => {
      told.report ??= counted(run.ctx, { task: 'sensitivity', total, unit: 'model' });
      await told.report(done);
    },
  });
  const cap = capOf(run.teacher, run.options.mixed.ratio, run.options.formats);
  const allocation = allocate(choices, errors, cap, {
    losses: sensitivity.losses,
    at: `${AT}.mixed.ratio`,
  });
  return { sensitivity, allocation };
}

/** The same latents in other formats. */
function withFormats(
  run: BitnetRun,
  { formats }: Pick<Calibrated, 'formats'>,
  model: LatentModel,
  names: FormatNames,
): LatentModel & LiveModel {
  const { teacher, options } = run;
  const quantization = quantizationOf(teacher.tensors, names, formats, options.formats);
  return latentModel(run.ctx, teacher, quantization, model.weights);
}
