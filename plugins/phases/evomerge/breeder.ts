import type { Recipe } from '../../../core/contracts/evolution.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { allFinite, weightsHash } from '../../../nn/models/index.js';
import type { Builder } from './builder.js';
import type { MeasurementCache } from './cache.js';
import type { EvaluationData } from './data.js';
import type { Evaluator, Measured, WeightedTerm } from './evaluator.js';
import type { Family } from './family.js';
import { fitnessOf } from './fitness.js';
import type { Individual } from './individual.js';
import type { Lineage } from './lineage.js';
import type { LiveWeights } from './live-weights.js';
import type { Plan } from './plans.js';

/** What the breeder works with. */
export interface BreederParts {
  readonly family: Family;
  readonly data: EvaluationData;
  readonly builder: Builder;
  readonly evaluator: Evaluator;
  readonly terms: readonly WeightedTerm[];
  /** Measurements of the best parent. */
  readonly reference: Measured;
  readonly lineage: Lineage;
  readonly live: LiveWeights;
  readonly cache: MeasurementCache;
}

/** A child and, where it was made, what it was planned as. */
export interface Child {
  readonly individual: Individual;
  readonly plan: Plan;
}

/** Makes, checks and measures what was planned. */
export class Breeder {
  constructor(private readonly parts: BreederParts) {}

  /**
   * The next generation, in the order of the plans. Weights are let go of as soon as no plan needs them: what frees
   * most is made first.
   *
   * @param kept individuals whose weights stay in any case
   */
  async breed(
    plans: readonly Plan[],
    kept: readonly string[],
    generation: number,
    onChild: (done: number) => void,
  ): Promise<Child[]> {
    const children = new Map<Plan, Child>();
    const open = new Set(plans);
    for (const plan of plans) if ('copy' in plan) this.settle(plan, plan.copy, children, open);
    const letGo = (): void => this.parts.live.keep([...this.needed(open, children), ...kept]);
    letGo();
    while (open.size > 0) {
      const plan = this.next(open, children);
      const individual = await this.make(plan, generation);
      this.settle(plan, individual, children, open);
      letGo();
      onChild(children.size);
    }
    return plans.map((plan) => children.get(plan)!);
  }

  private settle(plan: Plan, individual: Individual, children: Map<Plan, Child>, open: Set<Plan>): void {
    children.set(plan, { individual, plan });
    open.delete(plan);
  }

  /** The plan after which the fewest weights are needed; the first of equals. */
  private next(
    open: ReadonlySet<Plan>,
    children: ReadonlyMap<Plan, Child>,
  ): Extract<Plan, { recipe: Recipe }> {
    let best: Extract<Plan, { recipe: Recipe }> | null = null;
    let fewest = Infinity;
    for (const plan of open) {
      if ('copy' in plan) continue;
      const rest = new Set(open);
      rest.delete(plan);
      const left = this.needed(rest, children).size;
      if (left < fewest) [best, fewest] = [plan, left];
    }
    return best!;
  }

  private needed(open: ReadonlySet<Plan>, children: ReadonlyMap<Plan, Child>): Set<string> {
    const ids = new Set([...children.values()].map(({ individual }) => individual.id));
    for (const plan of open) if ('recipe' in plan) plan.recipe.sources.forEach((id) => ids.add(id));
    for (const parent of this.parts.live.parents.keys()) ids.delete(parent);
    return ids;
  }

  private async make(
    { recipe: planned, origin, bits }: Extract<Plan, { recipe: Recipe }>,
    generation: number,
  ): Promise<Individual> {
    const { live, builder, lineage, terms, reference } = this.parts;
    const sources = (id: string): TensorDict => live.get(id);
    let recipe = planned;
    let made = await this.check(builder.build(recipe, sources));
    if (made.problem !== null) {
      recipe = plainMean(planned, this.parts.family, made.problem);
      made = await this.check(builder.build(recipe, sources));
    }
    const fallback = recipe === planned ? null : String(recipe.parameters['fallback']);
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

  /** Measure weights; `problem` says why they cannot be used (spec/phase1-2.md 3.3). */
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
