import type { Recipe } from '../../../../core/contracts/evolution.js';
import type { StoreContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { SavedProgress } from '../../shared/resume.js';
import type { Measured } from '../individuals/evaluator.js';
import type { SearchState } from './state.js';

/** Everything a search goes on from. */
export interface SavedSearch {
  readonly search: SearchState;
  readonly lineage: Readonly<Record<string, Recipe>>;
  readonly cache: {
    readonly entries: readonly (readonly [string, Measured])[];
    readonly evaluations: number;
  };
}

/** Checkpoints of a search, with the weights of its population and champion (the parents' are in the artifact store). */
export class SearchCheckpoints {
  private readonly area: SavedProgress<SavedSearch>;

  /** @param subject identifies models and documents that the search works on */
  constructor(ctx: Pick<StoreContext, 'sessionId' | 'checkpoints'>, subject: string) {
    this.area = new SavedProgress(ctx, ctx.checkpoints, subject, 'The models or the held-out documents are');
  }

  async save(
    state: SavedSearch,
    weights: Iterable<readonly [string, TensorDict]>,
    keep: number,
  ): Promise<void> {
    const tensors: TensorDict = {};
    for (const [id, model] of weights) {
      for (const [name, tensor] of Object.entries(model)) tensors[`${id}/${name}`] = tensor;
    }
    await this.area.save({ step: state.search.generation + 1, tensors, state }, keep);
  }

  /** The newest saved search and the weights beside it, or null when there is none. @throws ForgeError AF_DATA_CHANGED */
  async latest(): Promise<{
    readonly saved: SavedSearch;
    readonly weights: ReadonlyMap<string, TensorDict>;
  } | null> {
    const found = await this.area.latest();
    if (found === null) return null;
    const weights = new Map<string, TensorDict>();
    for (const [path, tensor] of Object.entries(found.tensors)) {
      const slash = path.indexOf('/');
      const id = path.slice(0, slash);
      if (!weights.has(id)) weights.set(id, {});
      weights.get(id)![path.slice(slash + 1)] = tensor;
    }
    return { saved: found.state, weights };
  }
}
