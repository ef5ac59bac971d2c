import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { Architecture } from '../../../contracts/architecture.js';
import type { Engine, EngineState, Program } from '../../../contracts/engine.js';
import type { HostTensor, TensorDict, TensorSpec } from '../../../contracts/tensor.js';
import { numbered } from '../../../nn/numbered.js';
import { stream } from '../../../nn/random/index.js';
import { specsOf, type HostBatch } from '../../../nn/training/index.js';

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

/** Held-out rows that all models are measured on. */
export interface Probe {
  readonly batch: HostBatch;
  readonly rows: number;
  readonly length: number;
}

const LATENCY_RUNS = 5;

/** Measure one model on the probe rows. */
export async function measureModel(engine: Engine, subject: MeasureSubject, probe: Probe, seed: number): Promise<ModelMeasurements> {
  const state = await engine.createState(subject.weights);
  try {
    const programs = new Forwards(engine, subject, state);
    const halting = await haltingOf(programs, subject, probe);
    return {
      ...halting,
      causalityMaxDifference: await causality(programs, subject, probe, seed),
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

/** Mean Jensen-Shannon divergence of two models over the probe rows, nats (at most ln 2). */
export function jensenShannon(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let total = 0;
  for (const [row, p] of a.entries()) {
    const q = b[row]!;
    for (let i = 0; i < p.length; i++) {
      const middle = (p[i]! + q[i]!) / 2;
      if (p[i]! > 0) total += 0.5 * p[i]! * Math.log(p[i]! / middle);
      if (q[i]! > 0) total += 0.5 * q[i]! * Math.log(q[i]! / middle);
    }
  }
  return total / a.length;
}

function smallestDivergence(models: readonly ModelMeasurements[]): number | null {
  const pairs = models.flatMap((a, i) => models.slice(i + 1).map((b) => jensenShannon(a.predictions, b.predictions)));
  return pairs.length === 0 ? null : Math.min(...pairs);
}

function spread(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length < values.length || known.length < 2 ? null : Math.max(...known) - Math.min(...known);
}

/** Compiles forward passes of one model with different outputs. */
class Forwards {
  constructor(
    private readonly engine: Engine,
    private readonly subject: MeasureSubject,
    private readonly state: EngineState,
  ) {}

  compile(
    name: string,
    shape: readonly [number, number],
    outputs: (steps: readonly Tensor3D[], halting: readonly Tensor2D[], statistics: Record<string, Tensor>) => Record<string, Tensor>,
    select?: TensorSpec,
  ): Promise<Program> {
    const row: TensorSpec = { shape, dtype: 'int32' };
    const { architecture, config, weights } = this.subject;
    return this.engine.compile(
      (inputs, state) => {
        const options = select === undefined ? {} : { select: inputs['select']! };
        const ids = inputs['ids'] as Tensor2D;
        const forward = architecture.forward(config, state, ids, inputs['segments'] as Tensor2D, options);
        return { outputs: outputs(forward.steps, forward.halting, { ...forward.statistics }) };
      },
      { name, inputs: { ids: row, segments: row, ...(select === undefined ? {} : { select }) }, state: specsOf(weights) },
    );
  }

  async run(program: Program, inputs: Record<string, Int32Array>): Promise<Record<string, HostTensor>> {
    return program.run(inputs, { state: this.state });
  }
}

/** Replace the second half of a row and compare the logits of the first half, at every recursion step. */
async function causality(forwards: Forwards, subject: MeasureSubject, probe: Probe, seed: number): Promise<number> {
  const { length } = probe;
  const half = Math.floor(length / 2);
  const program = await forwards.compile('causality', [2, length], (steps) => ({
    difference: tf.max(
      tf.stack(
        steps.map((logits) => {
          const past = tf.slice(logits, [0, 0, 0], [2, half, -1]);
          const [kept, replaced] = tf.unstack(past);
          return tf.max(tf.abs(tf.sub(kept!, replaced!)));
        }),
      ),
    ),
  }));
  const vocabulary = subject.architecture.vocabularySize(subject.config);
  const random = stream(seed, 'causality');
  const ids = new Int32Array(2 * length);
  ids.set(probe.batch.ids.subarray(0, length));
  ids.set(probe.batch.ids.subarray(0, half), length);
  for (let i = half; i < length; i++) ids[length + i] = random.integer(vocabulary);
  const outputs = await forwards.run(program, { ids, segments: new Int32Array(2 * length) });
  await program.dispose();
  return outputs['difference']!.data[0]!;
}

async function haltingOf(
  forwards: Forwards,
  subject: MeasureSubject,
  probe: Probe,
): Promise<Pick<ModelMeasurements, 'averageSteps' | 'haltingHistogram' | 'statistics'>> {
  const program = await forwards.compile('halting', [probe.rows, probe.length], (_steps, halting, statistics) => ({
    ...Object.fromEntries(halting.map((q, k) => [`halting${k}`, tf.mean(q, 1)])),
    ...statistics,
  }));
  const outputs = await forwards.run(program, { ids: probe.batch.ids, segments: probe.batch.segments });
  await program.dispose();
  const perStep = numbered(outputs, 'halting');
  const statistics = Object.fromEntries(
    Object.entries(outputs).filter(([name]) => !name.startsWith('halting')).map(([name, tensor]) => [name, tensor.data[0]!]),
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

/** Next-token distribution in the middle of every probe row. */
async function predictionsOf(forwards: Forwards, probe: Probe): Promise<Float32Array[]> {
  const select: TensorSpec = { shape: [probe.rows], dtype: 'int32' };
  const program = await forwards.compile(
    'predictions',
    [probe.rows, probe.length],
    (steps) => ({ probabilities: tf.softmax(tf.squeeze(steps.at(-1)!, [1])) }),
    select,
  );
  const middle = new Int32Array(probe.rows).fill(Math.floor(probe.length / 2));
  const outputs = await forwards.run(program, { ids: probe.batch.ids, segments: probe.batch.segments, select: middle });
  await program.dispose();
  const { data, shape } = outputs['probabilities']!;
  const width = shape[1]!;
  return Array.from({ length: probe.rows }, (_, row) => Float32Array.from(data.subarray(row * width, (row + 1) * width)));
}

async function latency(forwards: Forwards, probe: Probe): Promise<number> {
  const program = await forwards.compile('latency', [1, probe.length], (steps) => ({ last: tf.max(steps.at(-1)!) }));
  const inputs = { ids: probe.batch.ids.slice(0, probe.length), segments: probe.batch.segments.slice(0, probe.length) };
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
