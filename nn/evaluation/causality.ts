import * as tf from '@tensorflow/tfjs';
import { allLogits } from '../models/index.js';
import { stream } from '../random/index.js';
import type { Forwards, ForwardSubject } from './forwards.js';

/**
 * Replace the second half of a row by random tokens and compare the logits of the first half, at every recursion step.
 *
 * @param row ids of one row
 * @returns the largest change of an earlier logit: 0 for a causal model but for rounding
 */
export async function causalityDifference(
  forwards: Forwards,
  { architecture, config }: Pick<ForwardSubject, 'architecture' | 'config'>,
  row: Int32Array,
  seed: number,
): Promise<number> {
  const { length } = row;
  const half = Math.floor(length / 2);
  const program = await forwards.compile('causality', [2, length], (pass) => ({
    difference: tf.max(
      tf.stack(
        allLogits(pass).map((logits) => {
          const past = tf.slice(logits, [0, 0, 0], [2, half, -1]);
          const [kept, replaced] = tf.unstack(past);
          return tf.max(tf.abs(tf.sub(kept!, replaced!)));
        }),
      ),
    ),
  }));
  const vocabulary = architecture.vocabularySize(config);
  const random = stream(seed, 'causality');
  const ids = new Int32Array(2 * length);
  ids.set(row);
  ids.set(row.subarray(0, half), length);
  for (let i = half; i < length; i++) ids[length + i] = random.integer(vocabulary);
  const outputs = await forwards.run(program, { ids, segments: new Int32Array(2 * length) });
  await program.dispose();
  return outputs['difference']!.data[0]!;
}
