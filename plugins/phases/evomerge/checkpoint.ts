import type { Recipe } from '../../../core/contracts/evolution.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { ForgeError } from '../../../core/errors/index.js';
import type { Measured } from './evaluator.js';
import type { SearchState } from './search-state.js';

/** Everything a search goes on from. */
export interface SavedSearch {
  readonly search: SearchState;
  readonly lineage: Readonly<Record<string, Recipe>>;
  readonly cache: {
    readonly entries: readonly (readonly [string, Measured])[];
    readonly evaluations: number;
  };
}

interface StoredState extends SavedSearch {
  /** Models and documents the search works on. */
  readonly subject: string;
}

/** Save the search with the weights of its population and champion (the parents' are in the artifact store). */
export async function saveSearch(
  ctx: PhaseContext,
  subject: string,
  saved: SavedSearch,
  weights: Iterable<readonly [string, TensorDict]>,
  keep: number,
): Promise<void> {
  const tensors: TensorDict = {};
  for (const [id, model] of weights) {
    for (const [name, tensor] of Object.entries(model)) tensors[`${id}/${name}`] = tensor;
  }
  const state: StoredState = { ...saved, subject };
  await ctx.checkpoints.save({ step: saved.search.generation + 1, tensors, state }, { keep });
}

/**
 * The newest saved search and the weights beside it, or null when there is none.
 * @throws ForgeError AF_DATA_CHANGED when it was made with other models or documents
 */
export async function loadSearch(
  ctx: PhaseContext,
  subject: string,
): Promise<{ readonly saved: SavedSearch; readonly weights: ReadonlyMap<string, TensorDict> } | null> {
  const checkpoint = await ctx.checkpoints.latest();
  if (checkpoint === null) return null;
  const saved = checkpoint.state as StoredState;
  if (saved.subject !== subject) {
    throw new ForgeError(
      'AF_DATA_CHANGED',
      'The models or the held-out documents are not those the search began with.',
      {
        at: `session ${ctx.sessionId}`,
        fix: 'restore the data files, or start a new session without --resume',
      },
    );
  }
  const weights = new Map<string, TensorDict>();
  for (const [path, tensor] of Object.entries(checkpoint.tensors)) {
    const slash = path.indexOf('/');
    const id = path.slice(0, slash);
    if (!weights.has(id)) weights.set(id, {});
    weights.get(id)![path.slice(slash + 1)] = tensor;
  }
  return { saved, weights };
}
