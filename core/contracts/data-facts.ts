/**
 * What later phases and other programs cannot know of the data that a model was trained on. It stands in the metadata
 * of every model that came of it and in every handoff, so that no reader decides again what was held out.
 */
export interface DataFacts {
  /** Seed that the datasets were loaded with: generators draw their records from it. */
  readonly seed: number;
  /** In the order in which they were split. */
  readonly datasets: readonly DatasetFacts[];
  readonly split: SplitFacts;
}

export interface DatasetFacts {
  /** Name of the dataset plugin. */
  readonly name: string;
  readonly category: string;
  /** Whether its records come from a generator instead of a collected file. */
  readonly synthetic: boolean;
  /** sha256 of its records, in order: another one means that the data changed. */
  readonly fingerprint: string;
  /** Records by what became of them; a duplicate repeats an earlier text, of this dataset or of one before it. */
  readonly records: { readonly train: number; readonly held_out: number; readonly duplicates: number };
}

/** How the data was split before anything was trained. */
export interface SplitFacts {
  /** Sides are decided by the hash of the content alone. */
  readonly method: 'content-hash';
  /** Share of the records that is held out, 0..1. */
  readonly holdout_fraction: number;
  /** Of questions only the answers count in the loss. */
  readonly answer_only: boolean;
  /** sha256 of the list of held-out and locked items (`agentforge:split@1`): the side file `split` of the model. */
  readonly items: string;
}

/** When a recursive model stops: its threshold and how reliable each of its steps was while it trained. */
export interface HaltingFacts {
  /** Cumulative halting mass to stop at, 0..1. */
  readonly threshold: number;
  /** Averaged accuracy of every step that training ran, first step first; null: not calibrated. */
  readonly accuracy: readonly number[] | null;
  /** Averaged halting probability of the same steps; null as above. */
  readonly probability: readonly number[] | null;
}

/** How a model that was taught to think before difficult tokens does so (Quiet-STaR, Zelikman et al. 2024). */
export interface ThoughtFacts {
  /** Ids of the marks that open and close a thought. */
  readonly start: number;
  readonly end: number;
  /** Ids of all thought tags by their text, the two marks included: no text is made of them. */
  readonly tags: Readonly<Record<string, number>>;
  /** Most tokens between the marks (T). */
  readonly length: number;
  /** Tokens after a thought that it was trained to predict (A). */
  readonly talk: number;
  /** Thoughts per place that training compared (N). */
  readonly samples: number;
  /** Think where the entropy of the next token, over the logarithm of how many it could be, is above it; 0..1. */
  readonly threshold: number;
  /** Fewest tokens of text between two thoughts. */
  readonly min_interval: number;
}
