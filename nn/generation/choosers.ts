import * as tf from '@tensorflow/tfjs';
import type { RandomStream } from '../../core/contracts/merge.js';
import { haltingOfSteps, logitsOfSteps } from './answers.js';
import type { Look, Said, SaidView } from './rows-reader.js';
import { sampleToken, type SamplingOptions } from './sampling.js';
import { NEVER, writableLogits, writableMask, type WritableIds } from './writable.js';

/** Chooses the next id of a row at the step that answers. */
export interface Chooser {
  /** What it needs of a pass. */
  readonly look: Look;
  /** @param index of the prompt */
  choose(said: Said, row: number, step: number, index: number): number;
  steps(said: Said): number;
}

/** All logits of every step leave the engine, [K, B, V]. */
export const LOGITS: Look = {
  view: {
    name: 'logits',
    outputs: (said) => ({ logits: logitsOfSteps(said), ...haltingOfSteps(said) }),
  },
};

/** Only ids leave the engine, [K, B]. What may be written is an input, so that one program serves whatever it is. */
function tokenView(vocabulary: number): SaidView {
  return {
    name: 'token',
    inputs: { mask: { shape: [vocabulary], dtype: 'float32' } },
    outputs: (said, { mask }) => ({
      token: tf.cast(tf.argMax(tf.add(logitsOfSteps(said), mask!), 2), 'int32'),
      ...haltingOfSteps(said),
    }),
  };
}

/** @param vocabulary rows of the model's table */
export function likeliest(ids: WritableIds, vocabulary: number): Chooser {
  const mask = new Float32Array(vocabulary).fill(NEVER);
  mask.set((writableMask(ids) ?? new Float32Array(ids.vocabulary)).subarray(0, vocabulary));
  return {
    look: { view: tokenView(vocabulary), inputs: { mask } },
    steps: ({ token }) => token!.shape[0]!,
    choose: ({ token }, row, step) => token!.data[step * token!.shape[1]! + row]!,
  };
}

export function sampled(options: SamplingOptions & WritableIds, random: readonly RandomStream[]): Chooser {
  return {
    look: LOGITS,
    steps: ({ logits }) => logits!.shape[0]!,
    choose: ({ logits }, row, step, index) => {
      const [, rows, width] = logits!.shape as [number, number, number];
      const start = (step * rows + row) * width;
      const own = logits!.data.subarray(start, start + width) as Float32Array;
      return sampleToken(writableLogits(own, options), options, random[index]!);
    },
  };
}
