import type { Recipe } from '../../../../core/contracts/evolution.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { allFinite, weightsHash } from '../../../../nn/models/index.js';
import type { Builder } from '../individuals/builder.js';
import type { MeasurementCache } from '../individuals/cache.js';
import type { ScoringData } from '../../shared/evaluation/scoring.js';
import type { Evaluator, Measured, WeightedTerm } from '../individuals/evaluator.js';
import type { Family } from '../family/family.js';
import { fitnessOf } from '../individuals/fitness.js';
import type { Individual } from '../individuals/individual.js';
import type { Lineage } from '../individuals/lineage.js';
import type { LiveWeights } from '../individuals/live-weights.js';
import type { Proposal } from './proposals.js';

/** What the breeder works with. */
export interface BreederParts {
  readonly family: Family;
  readonly data: ScoringData;
  readonly builder: Builder;
  readonly evaluator: Evaluator;
  readonly terms: readonly WeightedTerm[];
  /** Measurements of the best parent. */
  readonly reference: Measured;
  readonly lineage: Lineage;
  readonly live: LiveWeights;
  readonly cache: MeasurementCache;
}

/** A child and, where it was made, what it was proposed as. */
export interface Child {
  readonly individual: Individual;
  readonly proposal: Proposal;
}

/** Makes, checks and measures what was proposed. */
export class Breeder {
  constructor(private readonly parts: BreederParts) {}

  /**
   * The next generation, in the order of the proposals. Weights are let go of as soon as no proposal needs them: what frees
   * most is made first.
   *
   * @param kept individuals whose weights stay in any case
   */
  async breed(
    proposals: readonly Proposal[],
    kept: readonly string[],
    generation: number,
    onChild: (done: number) => void,
  ): Promise<Child[]> {
    const children = new Map<Proposal, Child>();
    const open = new Set(proposals);
    for (const proposal of proposals)
      if ('copy' in proposal) this.settle(proposal, proposal.copy, children, open);
    const letGo = (): void => this.parts.live.keep([...this.needed(open, children), ...kept]);
    letGo();
    while (open.size > 0) {
      const proposal = this.next(open, children);
      const individual = await this.make(proposal, generation);
      this.settle(proposal, individual, children, open);
      letGo();
      onChild(children.size);
    }
    return proposals.map((proposal) => children.get(proposal)!);
  }

  private settle(
    proposal: Proposal,
    individual: Individual,
    children: Map<Proposal, Child>,
    open: Set<Proposal>,
  ): void {
    children.set(proposal, { individual, proposal });
    open.delete(proposal);
  }

  /** The proposal after which the fewest weights are needed; the first of equals. */
  private next(
    open: ReadonlySet<Proposal>,
    children: ReadonlyMap<Proposal, Child>,
  ): Extract<Proposal, { recipe: Recipe }> {
    let best: Extract<Proposal, { recipe: Recipe }> | null = null;
    let fewest = Infinity;
    for (const proposal of open) {
      if ('copy' in proposal) continue;
      const rest = new Set(open);
      rest.delete(proposal);
      const left = this.needed(rest, children).size;
      if (left < fewest) [best, fewest] = [proposal, left];
    }
    return best!;
  }

  private needed(open: ReadonlySet<Proposal>, children: ReadonlyMap<Proposal, Child>): Set<string> {
    const ids = new Set([...children.values()].map(({ individual }) => individual.id));
    for (const proposal of open)
      if ('recipe' in proposal) proposal.recipe.sources.forEach((id) => ids.add(id));
    for (const parent of this.parts.live.parents.keys()) ids.delete(parent);
    return ids;
  }

  private async make(
    { recipe: proposed, origin, bits }: Extract<Proposal, { recipe: Recipe }>,
    generation: number,
  ): Promise<Individual> {
    const { live, builder, lineage, terms, reference } = this.parts;
    const sources = (id: string): TensorDict => live.get(id);
    let recipe = proposed;
    let made = await this.check(builder.build(recipe, sources));
    if (made.problem !== null) {
      recipe = plainMean(proposed, this.parts.family, made.problem);
      made = await this.check(builder.build(recipe, sources));
    }
    const fallback = recipe === proposed ? null : String(recipe.parameters['fallback']);
    live.add(made.id, made.weights);
    lineage.add(made.id, recipe);
    const { total, components } = fitnessOf(terms, made.measured, reference);
    return {
      id: made.id,
      recipe,
      origin,
      generation,
      measured: made.measured,
      fitness: total,
      components,
      bits,
      fallback,
    };
  }

  /** Measure weights; `problem` says why they cannot be used. */
  private async check(
    weights: TensorDict,
  ): Promise<{ id: string; weights: TensorDict; measured: Measured; problem: string | null }> {
    const { evaluator, data, cache, family } = this.parts;
    const id = weightsHash(weights);
    const finite = allFinite(weights);
    const measured = cache.get(id) ?? (await evaluator.measure(weights, data.selection));
    if (finite && Number.isFinite(measured.nll)) cache.set(id, measured);
    const limit = Math.log(family.architecture.vocabularySize(family.constants.hyperparameters)) + 1;
    const loss = measured.nll / measured.targets;
    const problem = !finite
      ? 'weights that are not finite'
      : !Number.isFinite(loss)
        ? 'a loss that is not finite'
        : loss >= limit
          ? `a loss of ${loss.toFixed(2)} nats, at least ${limit.toFixed(2)}`
          : null;
    return { id, weights, measured, problem };
  }
}

/** The plain mean of the same sources. */
function plainMean({ sources, seed }: Recipe, { groups }: Family, problem: string): Recipe {
  const weights = Object.fromEntries(groups.map((group) => [group, sources.map(() => 1)]));
  return {
    operation: 'layered',
    sources,
    parameters: { merge: 'linear', options: {}, weights, parameters: {}, fallback: problem },
    seed,
  };
}
