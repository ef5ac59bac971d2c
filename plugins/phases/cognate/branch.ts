import type { ModelRef } from '../../../core/contracts/model.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { Generator, completeText } from '../../../nn/generation/index.js';
import { calibratedRule } from '../../../nn/halting/index.js';
import { allFinite, tokenizerFacts } from '../../../nn/models/index.js';
import { numbered } from '../../../nn/numbered.js';
import {
  averageEvaluations,
  fisherInformation as diagonalFisher,
  type EvaluationResult,
  type HostBatch,
  type Trainer,
} from '../../../nn/training/index.js';
import { storeModel } from './finish.js';
import { measureModel, type ModelMeasurements, type Probe } from './measure.js';
import type { Specialization } from './options.js';
import { batchProgress, mixture, sampler, type CognateRun, type Trunk } from './shared.js';
import type { ModelSetup } from './setup.js';
import type { StageOutcome } from './stage.js';

/** A trained branch, measured and stored. Serialisable but for the predictions (see progress.ts). */
export interface FinishedBranch {
  readonly name: string;
  readonly model: ModelRef;
  readonly measurements: ModelMeasurements;
  readonly finite: boolean;
  /** Held-out cross-entropy over all datasets, nats. */
  readonly heldOut: number;
  readonly heldOutByDataset: Readonly<Record<string, number>>;
  readonly accuracy: number;
  /** Cross-entropy of each recursion step, nats. */
  readonly stepLosses: readonly number[];
  readonly gateEntropy: number | null;
  readonly tokensPerSecond: number | null;
  readonly sample: { readonly prompt: string; readonly text: string };
}

/** What finishing a branch needs. */
export interface BranchParts extends CognateRun {
  readonly trunk: Trunk;
  readonly branch: Specialization;
  readonly setup: ModelSetup;
  readonly trainer: Trainer;
  readonly outcome: StageOutcome;
  readonly seed: number;
}

/** Evaluate, measure and store a trained branch with its sidecars. */
export async function finishBranch(parts: BranchParts): Promise<FinishedBranch> {
  const { ctx, corpus, branch, setup, trainer, outcome, trunk } = parts;
  const evaluation = await evaluateSets(parts);
  const weights = await trainer.weights('ema');
  const fisher = await fisherInformation(parts);
  const halt = calibratedRule(outcome.calibration, branch.haltingThreshold);
  const subject = { architecture: setup.architecture, config: setup.config.hyperparameters, weights, halt };
  const measurements = await measureModel(parts.engine, subject, probeOf(parts), ctx.seed);
  const sample = await sampleText(parts, weights, halt);
  ctx.event('sample', { model: branch.name, ...sample });
  const model = await storeModel(ctx, {
    specialization: branch,
    config: setup.config,
    tensors: setup.tensors,
    weights,
    storedTypes: (await parts.start?.storedTypes(weights)) ?? {},
    fisher,
    tokenizer: corpus.tokenizerRef,
    tokenizerFacts: tokenizerFacts(corpus.tokenizerKind, corpus.tokenizer),
    vocabularySize: setup.architecture.vocabularySize(setup.config.hyperparameters),
    trunkId: trunk.weights.sha256,
    metrics: modelMetrics(evaluation, measurements, outcome),
    attributes: modelAttributes(parts, measurements),
  });
  return {
    name: branch.name,
    model,
    measurements,
    finite: allFinite(weights),
    heldOut: evaluation.all.crossEntropy,
    heldOutByDataset: evaluation.byDataset,
    accuracy: evaluation.all.accuracy,
    stepLosses: numbered(evaluation.all.metrics, 'loss/step_'),
    gateEntropy: evaluation.all.metrics['gate/entropy'] ?? null,
    tokensPerSecond: outcome.meter.tokensPerSecond(),
    sample,
  };
}

interface SetEvaluation {
  readonly all: EvaluationResult;
  readonly byDataset: Readonly<Record<string, number>>;
}

async function evaluateSets({ ctx, branch, corpus, trainer, shares }: BranchParts): Promise<SetEvaluation> {
  const results: EvaluationResult[] = [];
  const byDataset: Record<string, number> = {};
  let before = 0;
  for (const set of corpus.sets.filter(({ heldOutTargets }) => heldOutTargets > 0)) {
    const first = before;
    const progress = batchProgress(ctx, `${branch.name}: held-out ${set.name}`, set.heldOut.length, (done) =>
      shares.measured(branch.name, first + done),
    );
    const result = await trainer.evaluate('ema', set.heldOut, progress);
    results.push(result);
    byDataset[set.name] = result.crossEntropy;
    before += set.heldOut.length;
  }
  return { all: averageEvaluations(results), byDataset };
}

/** On the branch's own mix of training data, in an order of its own. */
async function fisherInformation(parts: BranchParts): Promise<TensorDict> {
  const { ctx, corpus, options, branch, trainer, seed, shares } = parts;
  const weights = mixture(corpus, options, branch.mix);
  const source = sampler(parts, seed + 1, () => weights);
  const batches: HostBatch[] = Array.from({ length: options.fisherBatches }, () => {
    const { ids, targets, segments } = source.nextBatch(options.training.rows);
    return { ids, targets, segments };
  });
  return diagonalFisher(
    trainer,
    'ema',
    batches,
    batchProgress(ctx, `${branch.name}: Fisher information`, batches.length, (done) =>
      shares.fisher(branch.name, done),
    ),
  );
}

/** The same held-out rows for every model: taken in turn from each dataset. */
function probeOf({ corpus, options }: BranchParts): Probe {
  const { length } = options.training;
  const rows = options.probeRows;
  const probe = {
    ids: new Int32Array(rows * length),
    targets: new Int32Array(rows * length),
    segments: new Int32Array(rows * length),
  };
  const sets = corpus.sets.filter((set) => set.heldOutTargets > 0);
  for (let row = 0; row < rows; row++) {
    const set = sets[row % sets.length]!;
    const all = set.heldOut.flatMap((batch) => splitRows(batch, length));
    const chosen = all[Math.floor(row / sets.length) % all.length]!;
    probe.ids.set(chosen.ids, row * length);
    probe.targets.set(chosen.targets, row * length);
    probe.segments.set(chosen.segments, row * length);
  }
  return { batch: probe, rows, length };
}

/** Rows of a batch that have targets (the others are padding). */
function splitRows(batch: HostBatch, length: number): HostBatch[] {
  const count = batch.ids.length / length;
  return Array.from({ length: count }, (_, row) => {
    const part = (array: Int32Array): Int32Array => array.subarray(row * length, (row + 1) * length);
    return { ids: part(batch.ids), targets: part(batch.targets), segments: part(batch.segments) };
  }).filter((row) => row.targets.some((target) => target >= 0));
}

async function sampleText(
  { engine, setup, corpus, options, ctx }: BranchParts,
  weights: TensorDict,
  halt: (probabilities: readonly number[]) => number,
): Promise<{ prompt: string; text: string }> {
  const generator = await Generator.create({
    engine,
    architecture: setup.architecture,
    config: setup.config.hyperparameters,
    weights,
    halt,
  });
  try {
    const { prompt, maxTokens, temperature } = options.sample;
    const sampling = { temperature, topK: 50, topP: 0.95, maxTokens, seed: ctx.seed };
    return { prompt, text: await completeText(generator, corpus.tokenizer, prompt, sampling) };
  } finally {
    await generator.dispose();
  }
}

function modelMetrics(
  { all, byDataset }: SetEvaluation,
  measurements: ModelMeasurements,
  outcome: StageOutcome,
): Record<string, number | null> {
  return {
    final_loss: all.crossEntropy,
    perplexity: Math.exp(all.crossEntropy),
    accuracy: all.accuracy,
    ...Object.fromEntries(Object.entries(byDataset).map(([name, loss]) => [`held_out/${name}`, loss])),
    avg_halting_steps: measurements.averageSteps,
    latency_ms: measurements.latencyMs,
    causality_max_diff: measurements.causalityMaxDifference,
    tokens_per_second: outcome.meter.tokensPerSecond(),
  };
}

function modelAttributes(
  { branch, corpus, outcome, options }: BranchParts,
  measurements: ModelMeasurements,
): Record<string, unknown> {
  return {
    ponder_cost: branch.ponderCost,
    steps: outcome.progress.step,
    stopped_early: outcome.progress.stoppedEarly,
    skipped_updates: outcome.progress.skippedTotal,
    ema_acc: outcome.calibration.accuracy ?? [],
    ema_halt: outcome.calibration.probability ?? [],
    halting_histogram: measurements.haltingHistogram,
    statistics: measurements.statistics,
    datasets: options.data.datasets,
    corpus_hash: corpus.hash,
    synthetic_data: corpus.sets.some((set) => set.synthetic),
  };
}
