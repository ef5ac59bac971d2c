import { basename } from 'node:path';
import type { ModelRef } from '../../../core/contracts/model.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { haltingRule } from '../../../nn/halting/index.js';
import { numbered } from '../../../nn/numbered.js';
import { fisherInformation, type HostBatch } from '../../../nn/training/index.js';
import { heldOutBatches } from '../shared/data/corpus.js';
import { mixture } from '../shared/data/mixture.js';
import { evaluateByDataset, type DatasetEvaluation } from '../shared/evaluation/by-dataset.js';
import { measureProbe, probeRows, type ProbeMeasurements } from '../shared/evaluation/probe.js';
import { sampleText, type Sample } from '../shared/evaluation/sample.js';
import { integrityOf, type IntegrityFacts } from '../shared/integrity.js';
import { storeModel } from '../shared/model/store.js';
import { counted } from '../shared/progress.js';
import { haltingFacts } from '../shared/training/calibration.js';
import { trainedModel } from '../shared/training/trainer.js';
import { storeFisher } from './fisher.js';
import { draws, type GrownBranch } from './grow.js';
import type { CognateRun } from './prepare.js';

/** A trained branch, measured and stored. Serialisable but for the predictions (see progress.ts). */
export interface FinishedBranch {
  readonly name: string;
  readonly model: ModelRef;
  readonly integrity: Omit<IntegrityFacts, 'model'>;
  readonly measurements: ProbeMeasurements;
  /** Held-out cross-entropy over all datasets, nats. */
  readonly heldOut: number;
  readonly heldOutByDataset: Readonly<Record<string, number>>;
  readonly accuracy: number;
  /** Cross-entropy of each recursion step, nats. */
  readonly stepLosses: readonly number[];
  readonly gateEntropy: number | null;
  readonly tokensPerSecond: number | null;
  readonly sample: Sample;
}

/** Evaluate, measure and store a trained branch with its side files. */
export async function finishBranch(run: CognateRun, grown: GrownBranch): Promise<FinishedBranch> {
  const { ctx, options, corpus, engine } = run;
  const { branch, trainer, shape, outcome } = grown;
  const evaluation = await evaluate(run, grown);
  const halting = haltingFacts(outcome.calibration, branch.haltingThreshold);
  const live = await trainedModel(trainer, shape, haltingRule(halting));
  const fisher = await storeFisher(ctx, await fisherOf(run, grown));
  const probe = probeRows(corpus, options.probeRows, options.training.length);
  const measurements = await measureProbe(engine, live, probe, ctx.seed);
  const sample = await sampleText(
    ctx,
    branch.name,
    { model: live, tokenizer: run.tokenizer.tokenizer },
    options.sample,
  );
  const model = await storeModel(ctx, {
    name: branch.name,
    shape,
    weights: live.weights,
    storedTypes: await run.origin?.storedTypes(live.weights),
    tokenizer: run.tokenizer,
    halting,
    data: run.data,
    parents: [],
    specialization: branch.name,
    seed: branch.seed,
    sidecars: { fisher },
    metrics: modelMetrics(evaluation, measurements, grown),
    attributes: { ...startOf(run), ...attributesOf(grown, measurements) },
  });
  const { finite, stored, causality } = await integrityOf(ctx, model, live.weights, measurements.causality);
  return {
    name: branch.name,
    model,
    integrity: { finite, stored, causality },
    measurements,
    heldOut: evaluation.all.crossEntropy,
    heldOutByDataset: evaluation.byDataset,
    accuracy: evaluation.all.accuracy,
    stepLosses: numbered(evaluation.all.metrics, 'loss/step_'),
    gateEntropy: evaluation.all.metrics['gate/entropy'] ?? null,
    tokensPerSecond: outcome.meter.tokensPerSecond(),
    sample,
  };
}

function evaluate(
  { ctx, corpus, shares }: CognateRun,
  { branch, trainer }: GrownBranch,
): Promise<DatasetEvaluation> {
  const total = heldOutBatches(corpus).length;
  const fraction = (done: number): number => shares.at(`${branch.name}: evaluation`, done);
  const work = { task: `${branch.name}: held-out loss`, total, unit: 'batch', fraction };
  return evaluateByDataset(trainer, corpus, counted(ctx, work));
}

/** On the branch's own mix of training data, in an order of its own. */
function fisherOf(run: CognateRun, { branch, trainer, seed }: GrownBranch): Promise<TensorDict> {
  const { ctx, corpus, options, shares } = run;
  const weights = mixture(corpus, branch.mix, options.data.cap);
  const source = draws(run, seed + 1, () => weights);
  const batches: HostBatch[] = Array.from({ length: options.fisherBatches }, () => {
    const { ids, targets, segments } = source.nextBatch(options.training.rows);
    return { ids, targets, segments };
  });
  const fraction = (done: number): number => shares.at(`${branch.name}: fisher`, done);
  const work = { task: `${branch.name}: Fisher information`, total: batches.length, unit: 'batch', fraction };
  return fisherInformation(trainer, 'ema', batches, counted(ctx, work));
}

function modelMetrics(
  { all, byDataset }: DatasetEvaluation,
  measurements: ProbeMeasurements,
  { outcome }: GrownBranch,
): Record<string, number | null> {
  return {
    final_loss: all.crossEntropy,
    perplexity: Math.exp(all.crossEntropy),
    accuracy: all.accuracy,
    ...Object.fromEntries(Object.entries(byDataset).map(([name, loss]) => [`held_out/${name}`, loss])),
    avg_halting_steps: measurements.averageSteps,
    latency_ms: measurements.latencyMs,
    causality_max_diff: measurements.causality,
    tokens_per_second: outcome.meter.tokensPerSecond(),
  };
}

/** The folder that all branches go on from, where there is one: no other record tells of it. */
function startOf({ origin }: CognateRun): Record<string, unknown> {
  return origin === null ? {} : { starting_model: { name: basename(origin.folder), model_id: origin.id } };
}

function attributesOf(
  { branch, trunk, outcome }: GrownBranch,
  { haltingHistogram, statistics }: ProbeMeasurements,
): Record<string, unknown> {
  const { step, stoppedEarly, skippedTotal } = outcome.progress;
  return {
    // sha256 of the trunk's weights: the common ancestor.
    trunk_id: trunk.weights.sha256,
    ponder_cost: branch.ponderCost,
    steps: step,
    stopped_early: stoppedEarly,
    skipped_updates: skippedTotal,
    halting_histogram: haltingHistogram,
    statistics,
  };
}
