import { ARCHITECTURE } from '../../core/contracts/architecture.js';
import { ENGINE, type Engine } from '../../core/contracts/engine.js';
import { OPTIMIZER } from '../../core/contracts/optimizer.js';
import { initializeWeights } from '../../nn/models/index.js';
import { nextToken } from '../../nn/objectives/index.js';
import { stream } from '../../nn/random/index.js';
import { createTrainer, type HostBatch, type Trainer, type TrainerOptions } from '../../nn/training/index.js';
import { onnxruntime } from '../../plugins/engines/onnxruntime/index.js';
import { titansMag } from '../../plugins/architectures/titans-mag/index.js';
import { muGrokfast } from '../../plugins/optimizers/mugrokfast/index.js';
import { implementationOf } from '../../testing/index.js';
import { tinyTitansMag } from './titans-mag.js';

/** Tokens per row of the batches below. */
export const LENGTH = 16;

export async function openTestEngine(): Promise<Engine> {
  return (await implementationOf(ENGINE, onnxruntime({ threads: 1 }))).open();
}

/** A tiny titans-mag ready to train on an engine. */
export async function tinyTrainer(
  engine: Engine,
  overrides: {
    readonly rows?: number;
    readonly accumulation?: number;
    readonly hyperparameters?: object;
    readonly qkClipThreshold?: number;
  } = {},
): Promise<Trainer> {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const config = tinyTitansMag({ dropout: 0, ...overrides.hyperparameters });
  const tensors = architecture.describe(config);
  const { qkClipThreshold } = overrides;
  const optimizer = muGrokfast({
    preset: 'phase1',
    ...(qkClipThreshold === undefined ? {} : { qkClipThreshold }),
  });
  const options: TrainerOptions = {
    engine,
    model: {
      architecture,
      config,
      tensors,
      optimizer: await implementationOf(OPTIMIZER, optimizer),
      objective: nextToken(),
    },
    shape: { rows: overrides.rows ?? 2, length: LENGTH },
    accumulation: overrides.accumulation ?? 1,
    clipNorm: 1,
    seed: 5,
  };
  return createTrainer(options, initializeWeights(tensors, 3));
}

/** Rows of a pattern a tiny model can learn: each id is the one before plus a fixed stride. */
export function patternBatch(rows: number, seed: number, vocabulary = 40): HostBatch {
  const random = stream(seed, 'pattern');
  const size = rows * LENGTH;
  const batch = { ids: new Int32Array(size), targets: new Int32Array(size), segments: new Int32Array(size) };
  for (let row = 0; row < rows; row++) {
    const start = random.integer(vocabulary);
    for (let t = 0; t < LENGTH; t++) {
      batch.ids[row * LENGTH + t] = (start + 3 * t) % vocabulary;
      batch.targets[row * LENGTH + t] = (start + 3 * (t + 1)) % vocabulary;
    }
  }
  return batch;
}

/** The rows of several batches as one. */
export function joinBatches(batches: readonly HostBatch[]): HostBatch {
  const join = (pick: (batch: HostBatch) => Int32Array): Int32Array =>
    Int32Array.from(batches.flatMap((batch) => [...pick(batch)]));
  return { ids: join((b) => b.ids), targets: join((b) => b.targets), segments: join((b) => b.segments) };
}
