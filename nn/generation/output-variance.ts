import * as tf from '@tensorflow/tfjs';
import { answeringStep, haltingOfSteps, logitsOfSteps } from './answers.js';
import { openRows } from './batch.js';
import type { GeneratorOptions } from './generator.js';

/**
 * Variance of a model's logits after each text, over the ids, at the recursion step that answers: 0 where outputs have
 * died and every id is as likely as any other, beyond all bounds where they explode.
 *
 * @param texts ids of each, at least one and no more than the context
 * @param rows texts that are read at a time
 */
export async function logitVariances(
  model: GeneratorOptions,
  texts: readonly (readonly number[])[],
  rows: number,
): Promise<number[]> {
  if (texts.length === 0) return [];
  const width = Math.max(...texts.map(({ length }) => length));
  const reader = await openRows(model, rows, width, (said) => ({
    variance: tf.moments(logitsOfSteps(said), 2).variance,
    ...haltingOfSteps(said),
  }));
  const variances: number[] = [];
  try {
    for (let first = 0; first < texts.length; first += rows) {
      await reader.forget();
      const part = Array.from({ length: rows }, (_, row) => texts[first + row] ?? []);
      for (const [row, said] of (await reader.read(part)).entries()) {
        if (said === null) continue;
        const { data, shape } = said['variance']!;
        const step = answeringStep(said['halting'], row, shape[0]!, model);
        variances.push(data[step * rows + row]!);
      }
    }
  } finally {
    await reader.dispose();
  }
  return variances;
}
