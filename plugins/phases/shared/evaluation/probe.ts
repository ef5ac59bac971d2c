import * as tf from '@tensorflow/tfjs';
import type { ForwardOptions } from '../../../../core/contracts/architecture.js';
import type { Engine, EngineState } from '../../../../core/contracts/engine.js';
import { causalityDifference, Forwards, predictionsOf, type Probe } from '../../../../nn/evaluation/index.js';
import { answerLogits, haltingProbabilities } from '../../../../nn/models/index.js';
import { numbered } from '../../../../nn/numbered.js';
import { specsOf, type HostBatch } from '../../../../nn/training/index.js';
import type { Corpus } from '../data/corpus.js';
import type { LiveModel } from '../model/open.js';

/** Everything measured on one finished model, on the same held-out rows for every model. */
export interface ProbeMeasurements {
  /** Largest change of an earlier logit, over all recursion steps, when the future is replaced. */
  readonly causality: number;
  /** Mean recursion steps at which sequences halt; null for a model that does not halt by itself. */
  readonly averageSteps: number | null;
  /** Sequences by the step they halt at, index 0 is step 1. */
  readonly haltingHistogram: readonly number[];
  /** Scalars of the forward pass by name (memory utilisation, gate entropy). */
  readonly statistics: Readonly<Record<string, number>>;
  /** Milliseconds of a forward pass of one row up to the step at which it halts: medians, weighted as sequences halt. */
  readonly latencyMs: number;
  /** Distributions over the vocabulary at one position of every probe row. */
  readonly predictions: readonly Float32Array[];
}

const LATENCY_RUNS = 5;

/** Held-out rows taken in turn from each dataset. @param length tokens per row of the corpus */
export function probeRows({ sets }: Corpus, rows: number, length: number): Probe {
  const size = rows * length;
  const batch = { ids: new Int32Array(size), targets: new Int32Array(size), segments: new Int32Array(size) };
  const measured = sets.filter((set) => set.heldOutTargets > 0);
  for (let row = 0; row < rows; row++) {
    const set = measured[row % measured.length]!;
    const all = set.heldOut.flatMap((held) => splitRows(held, length));
    const chosen = all[Math.floor(row / measured.length) % all.length]!;
    batch.ids.set(chosen.ids, row * length);
    batch.targets.set(chosen.targets, row * length);
    batch.segments.set(chosen.segments, row * length);
  }
  return { batch, rows, length };
}

/** Measure one model on probe rows. @param seed of the replaced future */
export async function measureProbe(
  engine: Engine,
  model: LiveModel,
  probe: Probe,
  seed: number,
): Promise<ProbeMeasurements> {
  return withForwards(engine, model, async (forwards) => {
    const halting = await haltingOf(forwards, model, probe);
    return {
      ...halting,
      causality: await leak(forwards, model, probe.batch.ids.subarray(0, probe.length), seed),
      predictions: await predictionsOf(forwards, probe),
      latencyMs: await latencyOf(forwards, probe, halting.haltingHistogram),
    };
  });
}

/** Largest change of an earlier logit when the second half of a row is replaced. @param row ids of one row */
export function measureCausality(
  engine: Engine,
  model: LiveModel,
  row: Int32Array,
  seed: number,
): Promise<number> {
  return withForwards(engine, model, (forwards) => leak(forwards, model, row, seed));
}

function leak(
  forwards: Forwards,
  { architecture, config }: LiveModel,
  row: Int32Array,
  seed: number,
): Promise<number> {
  return causalityDifference(forwards, { architecture, config: config.hyperparameters }, row, seed);
}

async function withForwards<T>(
  engine: Engine,
  { architecture, config, weights }: LiveModel,
  use: (forwards: Forwards) => Promise<T>,
): Promise<T> {
  const state: EngineState = await engine.createState(weights);
  try {
    const subject = { architecture, config: config.hyperparameters, specs: specsOf(weights) };
    return await use(new Forwards(engine, subject, state));
  } finally {
    await state.dispose();
  }
}

/** Rows of a batch that have targets (the others are padding). */
function splitRows(batch: HostBatch, length: number): HostBatch[] {
  return Array.from({ length: batch.ids.length / length }, (_, row) => {
    const part = (array: Int32Array): Int32Array => array.subarray(row * length, (row + 1) * length);
    return { ids: part(batch.ids), targets: part(batch.targets), segments: part(batch.segments) };
  }).filter((row) => row.targets.some((target) => target >= 0));
}

async function haltingOf(
  forwards: Forwards,
  { halt }: LiveModel,
  probe: Probe,
): Promise<Pick<ProbeMeasurements, 'averageSteps' | 'haltingHistogram' | 'statistics'>> {
  const program = await forwards.compile('halting', [probe.rows, probe.length], (pass) => ({
    ...Object.fromEntries(haltingProbabilities(pass).map((q, k) => [`halting${k}`, tf.mean(q, 1)])),
    // Not every architecture has statistics or halting: a program must give something.
    ready: tf.zeros([]),
    ...pass.statistics,
  }));
  const { ready: _, ...outputs } = await forwards.run(program, {
    ids: probe.batch.ids,
    segments: probe.batch.segments,
  });
  await program.dispose();
  const perStep = numbered(outputs, 'halting');
  const statistics = Object.fromEntries(
    Object.entries(outputs)
      .filter(([name]) => !name.startsWith('halting'))
      .map(([name, tensor]) => [name, tensor.data[0]!]),
  );
  if (perStep.length === 0) return { averageSteps: null, haltingHistogram: [], statistics };
  const histogram = perStep.map(() => 0);
  for (let row = 0; row < probe.rows; row++) {
    const chosen = halt === undefined ? perStep.length : halt(perStep.map((q) => q.data[row]!));
    histogram[Math.min(perStep.length, chosen) - 1]! += 1;
  }
  const total = histogram.reduce((sum, count, k) => sum + count * (k + 1), 0);
  return { averageSteps: total / probe.rows, haltingHistogram: histogram, statistics };
}

/** @param histogram sequences by the step they halt at; empty for a model that takes every step */
async function latencyOf(forwards: Forwards, probe: Probe, histogram: readonly number[]): Promise<number> {
  if (histogram.length === 0) return latency(forwards, probe, {});
  let milliseconds = 0;
  for (const [k, count] of histogram.entries())
    if (count > 0) milliseconds += count * (await latency(forwards, probe, { step: k + 1 }));
  return milliseconds / histogram.reduce((sum, count) => sum + count, 0);
}

/** Median of a few runs. */
async function latency(
  forwards: Forwards,
  probe: Probe,
  step: Pick<ForwardOptions, 'step'>,
): Promise<number> {
  const program = await forwards.compile(
    'latency',
    [1, probe.length],
    (pass) => ({ last: tf.max(answerLogits(pass)) }),
    {},
    step,
  );
  const inputs = {
    ids: probe.batch.ids.slice(0, probe.length),
    segments: probe.batch.segments.slice(0, probe.length),
  };
  await forwards.run(program, inputs);
  const times: number[] = [];
  for (let i = 0; i < LATENCY_RUNS; i++) {
    const before = performance.now();
    await forwards.run(program, inputs);
    times.push(performance.now() - before);
  }
  await program.dispose();
  return times.sort((a, b) => a - b)[Math.floor(LATENCY_RUNS / 2)]!;
}
