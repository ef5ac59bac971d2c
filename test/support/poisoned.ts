import { ARCHITECTURE } from '../../core/contracts/architecture.js';
import type { Engine } from '../../core/contracts/engine.js';
import { OPTIMIZER } from '../../core/contracts/optimizer.js';
import * as tf from '@tensorflow/tfjs';
import type { Scalar } from '@tensorflow/tfjs';
import { initializeWeights } from '../../nn/models/index.js';
import { nextToken } from '../../nn/objectives/index.js';
import { createTrainer, type Amp, type HostBatch, type Trainer } from '../../nn/training/index.js';
import { titansMag } from '../../plugins/architectures/titans-mag/index.js';
import { adamW } from '../../plugins/optimizers/adamw/index.js';
import { muGrokfast } from '../../plugins/optimizers/mugrokfast/index.js';
import { implementationOf } from '../../testing/index.js';
import { tinyTitansMag } from './titans-mag.js';
import { LENGTH, patternBatch } from './training.js';

export const OPTIMIZERS = {
  adamw: () => adamW(),
  // A threshold that every head exceeds: QK-clip changes queries and keys in each update.
  mugrokfast: () => muGrokfast({ preset: 'phase1', qkClipThreshold: 1e-6 }),
};

/** A tiny titans-mag whose loss each batch multiplies by a number of its own: NaN, infinite, or so large that halves overflow. */
export async function poisonedTrainer(
  engine: Engine,
  optimizer: keyof typeof OPTIMIZERS,
  settings: { readonly accumulation?: number; readonly amp?: Amp } = {},
): Promise<Trainer> {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const config = tinyTitansMag({ dropout: 0, layers: 1, recursion: { steps: 2, microSteps: 1 } });
  const tensors = architecture.describe(config);
  const plain = nextToken();
  return createTrainer(
    {
      engine,
      model: {
        architecture,
        config,
        tensors,
        optimizer: await implementationOf(OPTIMIZER, OPTIMIZERS[optimizer]()),
        objective: (input) => {
          const result = plain(input);
          return { ...result, loss: tf.mul(result.loss, input.extras['factor']!) as Scalar };
        },
        extras: { factor: { shape: [], dtype: 'float32' } },
      },
      shape: { rows: 2, length: LENGTH },
      accumulation: 1,
      clipNorm: 1,
      seed: 5,
      ...settings,
    },
    initializeWeights(tensors, 3),
  );
}

/** Two rows. @param factor of their loss */
export function factorBatch(seed: number, factor = 1): HostBatch {
  return { ...patternBatch(2, seed), extras: { factor: Float32Array.of(factor) } };
}
