import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { ForgeError } from '../../../../core/errors/index.js';

/** Weights that are in memory. The parents always are; others as long as they are needed. */
export class LiveWeights {
  private readonly held = new Map<string, TensorDict>();
  private most = 0;

  constructor(readonly parents: ReadonlyMap<string, TensorDict>) {
    this.most = parents.size;
  }

  /** Most models in memory at one time so far, parents included. */
  get peak(): number {
    return this.most;
  }

  add(id: string, weights: TensorDict): void {
    if (this.parents.has(id)) return;
    this.held.set(id, weights);
    this.most = Math.max(this.most, this.parents.size + this.held.size);
  }

  has(id: string): boolean {
    return this.parents.has(id) || this.held.has(id);
  }

  get(id: string): TensorDict {
    const weights = this.parents.get(id) ?? this.held.get(id);
    if (weights !== undefined) return weights;
    throw new ForgeError('AF_INTERNAL', 'The weights of an individual are not in memory any more.', {
      at: `individual ${id}`,
    });
  }

  /** Let go of everything but these. */
  keep(ids: Iterable<string>): void {
    const wanted = new Set(ids);
    for (const id of this.held.keys()) if (!wanted.has(id)) this.held.delete(id);
  }

  /** Those that are not parents. */
  entries(): IterableIterator<[string, TensorDict]> {
    return this.held.entries();
  }
}
