import {
  capWeights,
  categoryWeights,
  MixtureSampler,
  type MixtureWeights,
} from '../../../../nn/data/index.js';
import type { CategoryMix } from '../options.js';
import type { Corpus } from './corpus.js';

/** Share of each dataset: the mix of kinds divided among the datasets of each kind, no share above the cap. */
export function mixture({ sets }: Corpus, mix: CategoryMix, cap = 1): MixtureWeights {
  return capWeights(categoryWeights(sets, mix), cap);
}

/** Share of each dataset by its training tokens: every token as likely as any other. */
export function byTokens({ sets }: Corpus): MixtureWeights {
  return Object.fromEntries(sets.map(({ name, trainTokens }) => [name, trainTokens]));
}

/** How training batches are drawn. */
export interface DrawOptions {
  readonly seed: number;
  /** Micro-batches per update. */
  readonly accumulation: number;
  /** By update, counted from 0. */
  readonly weightsAt: (step: number) => MixtureWeights;
}

/** A resumable stream of training batches. */
export function sampler({ sets }: Corpus, { seed, accumulation, weightsAt }: DrawOptions): MixtureSampler {
  const sources = sets.map(({ name, train }) => ({ name, rows: train }));
  return new MixtureSampler({ sources, weightsAt, seed, batchesPerStep: accumulation });
}
