import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { HostTensor } from '../../core/contracts/tensor.js';
import { allLogits, haltingProbabilities } from '../models/index.js';
import { specsOf } from '../training/state.js';
import { answeringStep } from './answers.js';
import type { GeneratorOptions } from './generator.js';
import { writableCount, writableMask, type WritableIds } from './writable.js';

/** Rows of held-out text; each array [rows * length], row-major. */
export interface EntropyBatch {
  readonly ids: Int32Array;
  /** Negative where nothing is to be predicted: such positions are left out. */
  readonly targets: Int32Array;
  readonly segments: Int32Array;
}

/**
 * The normalised entropy of every token that held-out rows predict, each at the recursion step that answers for it: what
 * a generator would see before it writes that token.
 *
 * @param shape rows and tokens per row of every batch
 * @returns one number from 0 to 1 per position with a target, in the order of the batches
 */
export async function normalisedEntropies(
  model: GeneratorOptions,
  batches: readonly EntropyBatch[],
  shape: readonly [rows: number, length: number],
  ids: WritableIds,
): Promise<Float32Array> {
  const { engine, architecture, config, weights } = model;
  const row = { shape, dtype: 'int32' as const };
  const state = await engine.createState(weights);
  const program = await engine.compile(
    (inputs, params) => {
      const input = { ids: inputs['ids'] as Tensor2D, segments: inputs['segments'] as Tensor2D };
      const pass = architecture.forward(config, params, input);
      const halting = haltingProbabilities(pass);
      return {
        outputs: {
          entropy: flat(allLogits(pass).map((logits) => entropyOf(logits, ids))),
          ...(halting.length === 0 ? {} : { halting: flat(halting) }),
        },
      };
    },
    { name: 'entropies', inputs: { ids: row, segments: row }, state: specsOf(weights) },
  );
  try {
    const found: number[] = [];
    for (const batch of batches) {
      const { entropy, halting } = await program.run({ ids: batch.ids, segments: batch.segments }, { state });
      found.push(...answering(entropy!, halting, batch.targets, model));
    }
    return Float32Array.from(found);
  } finally {
    await program.dispose();
    await state.dispose();
  }
}

/** @returns [K, B * T] */
function flat(steps: readonly Tensor[]): Tensor {
  return tf.stack(steps.map((one) => tf.reshape(one, [-1])));
}

/** H / ln V of each position. @param logits [B, T, V'] @returns [B * T] */
function entropyOf(logits: Tensor3D, ids: WritableIds): Tensor {
  const [rows, length, width] = logits.shape;
  const known = tf.slice(tf.reshape(logits, [rows * length, width]), [0, 0], [-1, ids.vocabulary]);
  const mask = writableMask(ids);
  const masked = mask === null ? known : tf.add(known, tf.tensor1d(mask));
  const below = tf.sub(masked, tf.max(masked, 1, true));
  const shares = tf.exp(below);
  const mass = tf.sum(shares, 1);
  const entropy = tf.sub(tf.log(mass), tf.div(tf.sum(tf.mul(shares, below), 1), mass));
  return tf.div(entropy, Math.log(Math.max(2, writableCount(ids))));
}

function* answering(
  entropy: HostTensor,
  halting: HostTensor | undefined,
  targets: Int32Array,
  model: GeneratorOptions,
): Iterable<number> {
  const [steps, positions] = entropy.shape as [number, number];
  for (let i = 0; i < positions; i++) {
    if (targets[i]! < 0) continue;
    yield entropy.data[answeringStep(halting, i, steps, model) * positions + i]!;
  }
}
