/** How well a model predicts text of one dataset that it was not trained on. */
export interface HeldOut {
  /** Name of the dataset; null for all of them together. */
  readonly dataset: string | null;
  /** Cross-entropy in nats per token. */
  readonly loss: number | null;
  /** Entropy of the tokens' frequencies in the same text, nats: what a model that knows nothing else would reach. */
  readonly unigramEntropy: number | null;
}

type Metrics = Readonly<Record<string, unknown>>;

const OF_DATASET = 'held_out/';

/**
 * Held-out losses by the names phases give them: `final_loss` and `held_out/<dataset>` among the model's metrics,
 * `unigram_entropy` and `unigram_entropy/<dataset>` among those of the phase.
 */
export function heldOutOf(model: Metrics, phase: Metrics = {}): readonly HeldOut[] {
  const entries: HeldOut[] = [];
  for (const [name, value] of Object.entries(model)) {
    if (!name.startsWith(OF_DATASET)) continue;
    const dataset = name.slice(OF_DATASET.length);
    entries.push({
      dataset,
      loss: numberOf(value),
      unigramEntropy: numberOf(phase[`unigram_entropy/${dataset}`]),
    });
  }
  if (!('final_loss' in model)) return entries;
  return [
    ...entries,
    {
      dataset: null,
      loss: numberOf(model['final_loss']),
      unigramEntropy: numberOf(phase['unigram_entropy']),
    },
  ];
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
