import { MUTATION, type CombinationParameters, type Recipe } from '../../../../core/contracts/evolution.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import { uniformShares } from '../../../../nn/evolution/index.js';
import { stream, streamKey, wordAt, type CounterStream } from '../../../../nn/random/index.js';
import type { Builder } from '../individuals/builder.js';
import type { Family } from '../family/family.js';
import { layerCount } from '../family/groups.js';
import type { Individual, Origin } from '../individuals/individual.js';
import type { Lineage } from '../individuals/lineage.js';
import type { LiveWeights } from '../individuals/live-weights.js';
import type { EvomergeOptions } from '../options.js';

/** What becomes of one place of the next generation: an individual that stays, or one that is made. */
export type Proposal =
  | { readonly copy: Individual }
  | {
      readonly recipe: Recipe;
      readonly origin: Origin;
      /** Label of the combination it goes back to. */
      readonly bits: string | null;
      /** Name of the mutation that proposed it. */
      readonly mutation?: string;
      /** What it must not fall behind to count as a success. */
      readonly of: readonly Individual[];
    };

/** All labels of three bits, `000` first. */
export const LABELS: readonly string[] = Array.from({ length: 8 }, (_, id) =>
  id.toString(2).padStart(3, '0'),
);

/** Numeric id of a label: `100` is 4. */
export function comboId(bits: string): number {
  return Number.parseInt(bits, 2);
}

/** Makes proposals. Everything random in them follows from the run's seed, the generation and the place. */
export class Proposer {
  constructor(
    private readonly ctx: Pick<PhaseContext, 'seed' | 'resolve'>,
    private readonly options: EvomergeOptions,
    private readonly family: Family,
    private readonly parts: {
      readonly builder: Builder;
      readonly lineage: Lineage;
      readonly live: LiveWeights;
    },
    /** Best first. */
    readonly parents: readonly Individual[],
  ) {}

  random(generation: number, slot: number, operation: string): CounterStream {
    return stream(this.ctx.seed, 'evomerge', generation, slot, operation);
  }

  /** The two merges of each stage. */
  get stages(): readonly (readonly [string, string])[] {
    const { interpolation, task, selection } = this.options.stages;
    return [interpolation, task, selection];
  }

  /** A combination of individuals, best first. @param weights default: equal */
  combination(
    generation: number,
    slot: number,
    bits: string,
    sources: readonly Individual[],
    {
      weights,
      origin = 'combination',
    }: { readonly weights?: readonly number[]; readonly origin?: Origin } = {},
  ): Proposal {
    const parameters: CombinationParameters = {
      bits,
      stages: this.stages.map((pair, i) => ({ merge: pair[bits[i] === '1' ? 1 : 0], options: {} })),
      weights: weights ?? sources.map(() => 1 / sources.length),
    };
    const recipe: Recipe = {
      operation: 'combination',
      sources: sources.map(({ id }) => id),
      parameters: { ...parameters },
      seed: this.seed(generation, slot, origin),
    };
    return { recipe, origin, bits, of: sources };
  }

  /** A random combination of the parents by random weights: new blood. */
  reseed(generation: number, slot: number): Proposal {
    const random = this.random(generation, slot, 'reseed');
    const bits = LABELS[random.integer(LABELS.length)]!;
    const weights = uniformShares(this.parents.length, random);
    return this.combination(generation, slot, bits, this.parents, { weights, origin: 'reseed' });
  }

  /** A changed individual: a mutation is drawn by its weight; where it finds nothing to change, another one is. */
  mutant(generation: number, slot: number, individual: Individual, strength: number): Proposal {
    const random = this.random(generation, slot, 'mutation');
    const left = Object.entries(this.options.mutations).filter(([, weight]) => weight > 0);
    while (left.length > 0) {
      const at = drawn(
        left.map(([, weight]) => weight),
        random.uniform(),
      );
      const [name] = left.splice(at, 1)[0]!;
      const recipe = this.ctx.resolve(MUTATION, name).propose({
        id: individual.id,
        recipe: individual.recipe,
        parents: this.parents.map(({ id }) => id),
        groups: this.family.groups,
        layers: layerCount(this.family.tensors),
        stages: this.stages,
        parametersOf: (merge) => this.parts.builder.parametersOf(merge),
        available: (id) => this.parts.live.has(id),
        recipeOf: (id) => this.parts.lineage.recipeOf(id),
        strength,
        random: this.random(generation, slot, name),
        seed: this.seed(generation, slot, name),
      });
      if (recipe === null) continue;
      const bits = recipe.operation === 'combination' ? String(recipe.parameters['bits']) : individual.bits;
      return { recipe, origin: 'mutation', bits, mutation: name, of: [individual] };
    }
    return { copy: individual };
  }

  /** An individual drawn from a search distribution. */
  sample(recipe: Omit<Recipe, 'seed'>, generation: number, slot: number): Proposal {
    return {
      recipe: { ...recipe, seed: this.seed(generation, slot, 'sample') },
      origin: 'sample',
      bits: null,
      of: [],
    };
  }

  private seed(generation: number, slot: number, operation: string): number {
    return wordAt(streamKey(this.ctx.seed, 'evomerge', generation, slot, operation, 'seed'), 0);
  }
}

/** Index drawn with probability in proportion to its weight. */
function drawn(weights: readonly number[], uniform: number): number {
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => (left -= weight) < 0);
  return found < 0 ? weights.length - 1 : found;
}
