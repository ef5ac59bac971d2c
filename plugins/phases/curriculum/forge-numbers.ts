import type { RecordContext } from '../../../core/contracts/phase.js';
import { grokkingOf, type GrokkingReport } from '../../../nn/evaluation/index.js';
import { recorder } from '../shared/metrics.js';
import { tellSavedTimes, TIME_REDUCTION } from './comparison/metrics.js';
import { finalAccuracy, type Judged } from './findings.js';
import type { LevelResult } from './levels.js';
import { rightIn } from '../shared/thoughts/locked.js';
import { FORGE_METRICS } from './table.js';
import type { Forge } from './training.js';

/** What the detector says of a level's accuracies, attempts against held-out tasks. */
export function grokkingOfLevel({ epochs }: Pick<LevelResult, 'epochs'>): GrokkingReport {
  const points = epochs.flatMap(({ train, heldOut }, i) =>
    train === null ? [] : [{ step: i + 1, train, validation: heldOut }],
  );
  return grokkingOf(points);
}

/** Emit the 55 metrics of main training: what this run did not measure is null, and says why. */
export function tellForge(
  ctx: Pick<RecordContext, 'metric'>,
  found: Judged,
  forge: Pick<Forge, 'step' | 'tally' | 'epochs'>,
): Readonly<Record<string, number | null>> {
  const values: Record<string, number | null> = {
    ...forge.tally.values(),
    'train/loss': found.main.loss,
    'train/perplexity': found.main.loss === null ? null : Math.exp(found.main.loss),
    'val/loss': found.after.text,
    'val/perplexity': Math.exp(found.after.text),
    'val/accuracy': rightIn(found.after.examined, 'with'),
    'phase/total_steps': forge.step,
    'phase/total_epochs': forge.epochs,
    'data/epoch': forge.epochs,
    'phase/final_accuracy': finalAccuracy(found),
    'bitnet/latent_quant_mse': distanceOfCodes(found),
    ...grokkingMetrics(found),
  };
  const record = recorder(ctx, FORGE_METRICS);
  const { step } = forge;
  for (const [name, value] of Object.entries(values))
    record.all({ [name]: value }, { step, ...(value === null ? { reason: reasonOf(name) } : {}) });
  const told = new Set([...Object.keys(values), ...WATCHED_WHILE_TRAINING, TIME_REDUCTION]);
  for (const name of Object.keys(FORGE_METRICS).filter((one) => !told.has(one)))
    record.all({ [name]: null }, { step, reason: reasonOf(name) });
  return { ...values, ...tellSavedTimes(ctx, found.comparison, step) };
}

/** Emitted update by update. */
const WATCHED_WHILE_TRAINING = [
  ...['bitnet/zero_fraction', 'bitnet/flip_rate', 'bitnet/scale_mean', 'bitnet/scale_std'],
];

/** Of the first level that grokked; else of the first one of all. */
function grokkingMetrics({ levels }: Judged): Record<string, number | null> {
  const reports = levels.map((level) => grokkingOfLevel(level));
  const found = reports.find(({ detected }) => detected) ?? reports[0];
  const detected = found?.detected === true ? 1 : 0;
  return {
    ...{ 'phase/grokking_detected': detected, 'grokking/detected': detected },
    ...{ 'grokking/step': found?.step ?? null, 'phase/grokking_step': found?.step ?? null },
    'grokking/accuracy_derivative': found?.accuracyDerivative ?? null,
    'grokking/improvement': found?.improvement ?? null,
    'grokking/memorised_step': found?.memorisedStep ?? null,
    'grokking/delay_ratio': found?.delayRatio ?? null,
    'grokking/train_val_gap': found?.gap ?? null,
  };
}

/** Mean square of what codes take away from latents, over all weights that have codes. */
function distanceOfCodes({ end: { latent, packed } }: Judged): number | null {
  let [sum, count] = [0, 0];
  for (const name of Object.keys(latent.quantization.formats)) {
    const [exact, coded] = [latent.weights[name]!.data, packed.weights[name]!.data];
    for (let i = 0; i < exact.length; i++) sum += (exact[i]! - coded[i]!) ** 2;
    count += exact.length;
  }
  return count === 0 ? null : sum / count;
}

/** Why a metric is null, by the beginning of its name. */
const REASONS: readonly (readonly [start: string, reason: string])[] = [
  ['train/learning_rate', 'told update by update, as forge/train/learning_rate'],
  ['grokking/state', 'a word, not a number: the facts of the handoff have it for each level'],
  ['grokking/', 'no level was memorised, or none was reached'],
  ['phase/grokking', 'no level grokked'],
  ['phase/grokfast_speedup', 'measured by agentforge bench grokfast, not in a run'],
  ['speedup/', 'measured by agentforge bench grokfast, not in a run'],
  [
    'grokfast/',
    'the filter of gradients is off, or the optimizer does not tell, or no update was made by this process',
  ],
  ['amp/', 'no update of this process rounded to half floats'],
  ['muon/', 'the optimizer does not tell, or no update was made by this process'],
  ['qkclip/', 'the optimizer does not tell, or no update was made by this process'],
  ['system/gpu', 'no GPU is asked for its load'],
  ['system/vram', 'no GPU is asked for its memory'],
  ['bitnet/act_clip', 'inputs are rounded by their own largest value: none is cut'],
];

function reasonOf(name: string): string {
  return (
    REASONS.find(([start]) => name.startsWith(start))?.[1] ??
    'measured before this run went on, or not reached'
  );
}
