import type { Mutation, MutationInput, Recipe } from '../../core/contracts/evolution.js';
import type { MergeParameter } from '../../core/contracts/merge.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { stream } from '../../nn/random/index.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { expectEqual, expectFinite, expectThat } from '../expect.js';

export interface MutationConformanceOptions {
  /** Seed of the weights and of the draws. */
  readonly seed?: number;
  /** Individuals to change besides the usual ones, by what they are: for mutations of one kind of recipe only. */
  readonly recipes?: Readonly<Record<string, Recipe>>;
}

const PARENTS = ['parent-a', 'parent-b', 'parent-c'];
const STAGES = [
  ['linear', 'slerp'],
  ['dare', 'ties'],
  ['franken', 'dfs'],
] as const;
const PARAMETERS: Readonly<Record<string, Readonly<Record<string, MergeParameter>>>> = {
  ties: {
    density: { scope: 'model', default: 0.5, minimum: 0, maximum: 1, description: 'Share that is kept' },
  },
};

/** Individuals of every kind that evolution makes by itself. */
const USUAL: Readonly<Record<string, Recipe>> = {
  'a parent': { operation: 'parent', sources: [], parameters: {}, seed: 0 },
  'a combination': {
    operation: 'combination',
    sources: PARENTS,
    parameters: {
      bits: '101',
      stages: STAGES.map(([, merge]) => ({ merge, options: {} })),
      weights: [0.2, 0.3, 0.5],
    },
    seed: 1,
  },
  'a merge by layer': {
    operation: 'layered',
    sources: PARENTS,
    parameters: {
      merge: 'task-arithmetic',
      options: {},
      weights: { embedding: [0.2, 0.3, 0.5], 'layer 0': [1, 0, 0], 'layer 1': [0.5, 0.5, 0.5] },
      parameters: {},
    },
    seed: 2,
  },
  'a model of unknown origin': { operation: 'somebody', sources: ['lost'], parameters: {}, seed: 3 },
};

function inputFor(recipe: Recipe, strength: number, seed: number): MutationInput {
  const id = 'individual';
  return {
    id,
    recipe,
    parents: PARENTS,
    groups: ['embedding', 'layer 0', 'layer 1'],
    layers: 2,
    stages: STAGES,
    parametersOf: (merge) => PARAMETERS[merge] ?? {},
    available: (source) => source === id || PARENTS.includes(source),
    recipeOf: () => null,
    strength,
    random: stream(seed, 'mutation-conformance'),
    seed,
  };
}

/** What every case draws from. */
type Trial = Required<MutationConformanceOptions>;

function every(
  mutation: Mutation,
  trial: Trial,
  check: (proposed: Recipe, of: Recipe, what: string) => void,
): void {
  let proposals = 0;
  for (const [what, recipe] of Object.entries(trial.recipes)) {
    for (const strength of [1, 2]) {
      for (let draw = 0; draw < 5; draw++) {
        const proposed = mutation.propose(inputFor(recipe, strength, trial.seed + draw));
        if (proposed === null) continue;
        proposals += 1;
        check(proposed, recipe, `${what}, strength ${strength}`);
      }
    }
  }
  expectThat(proposals > 0, 'no individual of any kind can be changed');
}

function wellFormed(mutation: Mutation, trial: Trial): void {
  every(mutation, trial, ({ operation, sources, parameters, seed: own }, _, what) => {
    const merges = operation === 'combination' || operation === 'layered';
    expectThat(
      merges || mutation.apply !== undefined,
      `${what}: nothing can make a recipe of "${operation}"`,
    );
    const known = ['individual', ...PARENTS];
    expectThat(
      sources.length > 0 && sources.every((id) => known.includes(id)),
      `${what}: sources ${sources.join(', ')} are not at hand`,
    );
    expectEqual(JSON.parse(JSON.stringify(parameters)), parameters, `${what}: parameters after JSON`);
    expectThat(Number.isInteger(own), `${what}: the seed is ${own}`);
  });
}

function pure(mutation: Mutation, again: Mutation, trial: Trial): void {
  const before = JSON.stringify(trial.recipes);
  const propose = (from: Mutation): (Recipe | null)[] =>
    Object.values(trial.recipes).map((recipe) => from.propose(inputFor(recipe, 1, trial.seed)));
  expectEqual(propose(again), propose(mutation), 'proposals of another instance for the same draws');
  expectEqual(JSON.stringify(trial.recipes), before, 'the recipes that were given');
}

function changes(mutation: Mutation, trial: Trial): void {
  every(mutation, trial, (proposed, recipe, what) => {
    const same = JSON.stringify({ ...proposed, seed: 0 }) === JSON.stringify({ ...recipe, seed: 0 });
    expectThat(!same, `${what}: the recipe is the one that was given`);
  });
}

function weightsOf(seed: number, name: string): TensorDict {
  const tensor = (path: string, shape: readonly number[]) => {
    const random = stream(seed, 'mutation-conformance', name, path);
    const length = shape.reduce((product, side) => product * side, 1);
    return {
      shape,
      dtype: 'float32' as const,
      data: Float32Array.from({ length }, () => 0.05 * random.normal()),
    };
  };
  return {
    'embedding.table': tensor('table', [40, 8]),
    'layers.0.up': tensor('up', [8, 16]),
    norm: tensor('norm', [8]),
  };
}

function makesWeights(mutation: Mutation, trial: Trial): void {
  if (mutation.apply === undefined) return;
  every(mutation, trial, (proposed, _, what) => {
    if (proposed.operation === 'combination' || proposed.operation === 'layered') return;
    const sources = proposed.sources.map((id) => weightsOf(trial.seed, id));
    const made = mutation.apply!(proposed, sources);
    expectEqual(shapesOf(made), shapesOf(sources[0]!), `${what}: names and shapes`);
    for (const [name, { data }] of Object.entries(made)) expectFinite(data, `${what}: ${name}`);
    expectEqual(mutation.apply!(proposed, sources), made, `${what}: the same recipe once more`);
    expectEqual(
      sources,
      proposed.sources.map((id) => weightsOf(trial.seed, id)),
      `${what}: the sources`,
    );
  });
}

function shapesOf(weights: TensorDict): unknown {
  return Object.entries(weights).map(([name, { shape, dtype }]) => [name, [...shape], dtype]);
}

/** What every mutation must do: propose recipes that can be made, and follow from the draws alone. */
export function mutationConformance(
  subject: Subject<Mutation>,
  { seed = 11, recipes = {} }: MutationConformanceOptions = {},
): ConformanceCase[] {
  const trial: Trial = { seed, recipes: { ...USUAL, ...recipes } };
  return casesOf(subject, {
    'proposes recipes that can be made from what is at hand': (mutation) => wellFormed(mutation, trial),
    'proposes something else than what was there': (mutation) => changes(mutation, trial),
    'follows from the draws alone and leaves its input alone': async (mutation) =>
      pure(mutation, await subject(), trial),
    'makes weights of the same shapes, the same every time': (mutation) => makesWeights(mutation, trial),
  });
}
