import * as tf from '@tensorflow/tfjs';
import { answerLogits } from '../models/index.js';
import type { Forwards } from './forwards.js';

/**
 * Multiply-adds (counted as two operations) of the matrix products that one token needs when the model stops after each
 * recursion step, first step first. Counted from compiled graphs, so the same on every machine; null where the engine
 * does not count.
 *
 * @param length tokens of the row that is counted; attention grows with it
 */
export async function flopsPerTokenAtStep(forwards: Forwards, length: number): Promise<number[] | null> {
  const flops: number[] = [];
  for (let step = 1; step <= forwards.recursionSteps; step++) {
    const program = await forwards.compile(
      `flops-step-${step}`,
      [1, length],
      (pass) => ({ last: tf.max(answerLogits(pass)) }),
      {},
      { step },
    );
    const counted = program.info.matmulFlops;
    await program.dispose();
    if (counted === null) return null;
    flops.push(counted / length);
  }
  return flops;
}
