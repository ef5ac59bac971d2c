import { IGNORED_TARGET, type PackedRow } from './pack.js';

/** How often each id is a target that counts in the loss; [V]. */
export function targetCounts(rows: readonly PackedRow[], vocabularySize: number): Float64Array {
  const counts = new Float64Array(vocabularySize);
  for (const { targets } of rows) {
    for (const target of targets) if (target !== IGNORED_TARGET) counts[target]! += 1;
  }
  return counts;
}

/**
 * Entropy of the unigram distribution in nats per token, H = -sum p ln p: the loss of a model that knows how often
 * each token occurs and nothing else. Null when there is no token.
 */
export function unigramEntropy(counts: Float64Array): number | null {
  return unigramCrossEntropy(counts, counts, 0);
}

/**
 * Cross-entropy in nats per token of held-out tokens under the unigram distribution of the training split, with
 * `smoothing` added to every count (Laplace), so that a token not seen in training has a finite price. The fair
 * mark for a held-out loss. Null when there is no held-out token.
 */
export function unigramCrossEntropy(
  training: Float64Array,
  heldout: Float64Array,
  smoothing = 1,
): number | null {
  const trainingTotal = sum(training) + smoothing * training.length;
  const heldoutTotal = sum(heldout);
  if (heldoutTotal === 0) return null;
  let nats = 0;
  heldout.forEach((count, id) => {
    if (count > 0) nats -= count * Math.log((training[id]! + smoothing) / trainingTotal);
  });
  return nats / heldoutTotal;
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
