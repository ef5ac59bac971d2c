/** How well a model predicts text of one dataset that it was not trained on. */
export interface HeldOut {
  /** Name of the dataset; null for all of them together. */
  readonly dataset: string | null;
  /** Cross-entropy in nats per token. */
  readonly loss: number | null;
  /** Entropy of the tokens' frequencies in the same text: what a model that knows nothing else would reach. */
  readonly unigramEntropy: number | null;
}

const LOSS = /^held_out\/(?:(.+)\/)?loss$/;

/** Held-out losses among a model's metrics: `held_out/<dataset>/loss` beside `held_out/<dataset>/unigram_entropy`. */
export function heldOutOf(metrics: Readonly<Record<string, number | null>>): readonly HeldOut[] {
  return Object.entries(metrics).flatMap(([name, loss]) => {
    const found = LOSS.exec(name);
    if (found === null) return [];
    const entropy = metrics[name.replace(/loss$/, 'unigram_entropy')] ?? null;
    return [{ dataset: found[1] ?? null, loss, unigramEntropy: entropy }];
  });
}
