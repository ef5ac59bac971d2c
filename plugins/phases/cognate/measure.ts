import * as tf from '@tensorflow/tfjs';
import type { Architecture } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import {
  causalityDifference,
  Forwards,
  outputDivergence,
  predictionsOf,
  type Probe,
} from '../../../nn/evaluation/index.js';
import { answerLogits, haltingProbabilities } from '../../../nn/models/index.js';
import { numbered } from '../../../nn/numbered.js';
import { specsOf } from '../../../nn/training/index.js';

export type { Probe } from '../../../nn/evaluation/index.js';

/** Everything measured on one finished model, on held-out rows. */
export interface ModelMeasurements {
  /** Largest change of an earlier logit, over all recursion steps, when the future is replaced. */
  readonly causalityMaxDifference: number;
  /** Mean recursion steps until the cumulative halting mass reaches the model's threshold. */
  readonly averageSteps: number | null;
  /** Sequences by the step they halt at, index 0 is step 1. */
  readonly haltingHistogram: readonly number[];
  /** Scalars of the forward pass by name (memory utilisation, gate entropy). */
  readonly statistics: Readonly<Record<string, number>>;
  /** Median milliseconds of a forward pass of one row. */
  readonly latencyMs: number;
  /** Distributions over the vocabulary at one position of every probe row. */
  readonly predictions: readonly Float32Array[];
}

export interface MeasureSubject {
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  readonly weights: TensorDict;
  /** Halting step of a sequence from its mean halting probability at each recursion step. */
  readonly halt: (probabilities: readonly number[]) => number;
}

const LATENCY_RUNS = 5;

/** Measure one model on the probe rows. */
export async function measureModel(
  engine: Engine,
  subject: MeasureSubject,
  probe: Probe,
  seed: number,
): Promise<ModelMeasurements> {
  const state = await engine.createState(subject.weights);
  try {
    const programs = new Forwards(engine, { ...subject, specs: specsOf(subject.weights) }, state);
    const halting = await haltingOf(programs, subject, probe);
    return {
      ...halting,
      causalityMaxDifference: await causalityDifference(
        programs,
        subject,
        probe.batch.ids.subarray(0, probe.length),
        seed,
      ),
      predictions: await predictionsOf(programs, probe),
      latencyMs: await latency(programs, probe),
    };
  } finally {
    await state.dispose();
  }
}

/** How far the finished models are apart; null where the number is missing for a model. */
export interface Diversity {
  readonly haltingSpread: number | null;
  readonly memorySpread: number | null;
  /** Relative to the fastest model. */
  readonly latencySpread: number | null;
  /** Smallest Jensen-Shannon divergence over pairs of models, nats. */
  readonly outputDivergence: number | null;
}

/** Name of the statistic that says how much of the memory is in use. */
export const MEMORY_STATISTIC = 'ltm/memory_usage';

export function diversityOf(models: readonly ModelMeasurements[]): Diversity {
  const latencies = models.map((model) => model.latencyMs);
  const latency = spread(latencies);
  return {
    haltingSpread: spread(models.map((model) => model.averageSteps)),
    memorySpread: spread(models.map((model) => model.statistics[MEMORY_STATISTIC] ?? null)),
    latencySpread: latency === null ? null : latency / Math.min(...latencies),
    outputDivergence: smallestDivergence(models),
  };
}

function smallestDivergence(models: readonly ModelMeasurements[]): number | null {
  const pairs = models.flatMap((a, i) =>
    models.slice(i + 1).map((b) => outputDivergence(a.predictions, b.predictions)),
  );
  return pairs.length === 0 ? null : Math.min(...pairs);
}

function spread(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length < values.length || known.length < 2 ? null : Math.max(...known) - Math.min(...known);
}

const PEAK_FEATURE = 'peak-feature';

async function haltingOf(
  forwards: Forwards,
  subject: MeasureSubject,
  probe: Probe,
): Promise<Pick<ModelMeasurements, 'averageSteps' | 'haltingHistogram' | 'statistics'>> {
  const program = await forwards.compile('halting', [probe.rows, probe.length], (pass) => ({
    ...Object.fromEntries(haltingProbabilities(pass).map((q, k) => [`halting${k}`, tf.mean(q, 1)])),
    ...pass.statistics,
    // A model without halting and statistics has nothing else to give, and a program gives something.
    [PEAK_FEATURE]: tf.max(pass.features),
  }));
  const inputs = { ids: probe.batch.ids, segments: probe.batch.segments };
  const { [PEAK_FEATURE]: _, ...outputs } = await forwards.run(program, inputs);
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
    const step = Math.min(perStep.length, subject.halt(perStep.map((q) => q.data[row]!)));
    histogram[step - 1]! += 1;
  }
  const total = histogram.reduce((sum, count, k) => sum + count * (k + 1), 0);
  return { averageSteps: total / probe.rows, haltingHistogram: histogram, statistics };
}

async function latency(forwards: Forwards, probe: Probe): Promise<number> {
  const program = await forwards.compile('latency', [1, probe.length], (pass) => ({
    last: tf.max(answerLogits(pass)),
  }));
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
