import type { BatchWriter } from './batch-writer.js';

/**
 * Variance of a model's logits after each text, over the ids, at the recursion step that answers: 0 where outputs have
 * died and every id is as likely as any other, beyond all bounds where they explode.
 *
 * @param texts ids of each, at least one and no more than the context
 */
export async function logitVariances(
  writer: BatchWriter,
  texts: readonly (readonly number[])[],
): Promise<number[]> {
  const variances = new Array<number>(texts.length);
  await writer.logitsAfter(texts, (logits, index) => (variances[index] = variance(logits)));
  return variances;
}

function variance(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
