import type { TensorDescription } from '../../../../core/contracts/architecture.js';
import {
  isCombination,
  isLayered,
  MUTATION,
  type CombinationParameters,
  type LayeredParameters,
  type Recipe,
  type StageRecipe,
} from '../../../../core/contracts/evolution.js';
import {
  MERGE,
  type MergeInput,
  type MergeMethod,
  type MergeParameter,
} from '../../../../core/contracts/merge.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { ForgeError } from '../../../../core/errors/index.js';
import { defaultParameters } from '../../../../nn/merging/index.js';
import { stream } from '../../../../nn/random/index.js';
import type { Family } from '../family/family.js';
import { groupOf } from '../family/groups.js';

/** Weights by individual. */
export type Sources = (id: string) => TensorDict;

/** One tensor of the models that a merge works on. */
interface TensorSet {
  readonly tensor: TensorDescription;
  readonly models: readonly Float32Array[];
  readonly base: Float32Array;
  readonly importance: readonly Float32Array[] | undefined;
}

/** Makes weights from recipes: the same recipe and sources give the same bits. */
export class Builder {
  /** Merges as the config has them, and those with options of the recipe at hand. */
  private readonly plain = new Map<string, MergeMethod>();
  private readonly adjusted = new Map<string, MergeMethod>();
  private readonly importances: ReadonlyMap<string, TensorDict>;
  /** What a model that is no parent is taken to find important: the mean over the parents. */
  private readonly meanImportance: TensorDict | null;

  constructor(
    private readonly ctx: Pick<PhaseContext, 'resolve'>,
    private readonly family: Family,
  ) {
    const known = family.parents.filter((parent) => parent.importance !== null);
    const complete = known.length === family.parents.length;
    this.importances = new Map(complete ? known.map((parent) => [parent.id, parent.importance!]) : []);
    this.meanImportance = complete ? meanOf(known.map((parent) => parent.importance!)) : null;
  }

  build(recipe: Recipe, sources: Sources): TensorDict {
    this.adjusted.clear();
    if (isCombination(recipe)) {
      return this.perTensor((tensor) => this.combine(tensor, recipe, recipe.parameters, sources));
    }
    if (isLayered(recipe)) {
      return this.perTensor((tensor) => this.layer(tensor, recipe, recipe.parameters, sources));
    }
    const mutation = this.ctx.resolve(MUTATION, recipe.operation);
    if (mutation.apply === undefined) {
      throw new ForgeError(
        'AF_INTERNAL',
        `Mutation ${recipe.operation} proposed a recipe that nothing can make.`,
        {
          at: `mutation ${recipe.operation}`,
          fix: 'Give the mutation an `apply`, or let it propose `combination` or `layered` recipes.',
        },
      );
    }
    return mutation.apply(recipe, recipe.sources.map(sources));
  }

  /** What a merge lets recipes set. */
  parametersOf(merge: string): Readonly<Record<string, MergeParameter>> {
    return this.method({ merge, options: {} }).parameters ?? {};
  }

  private perTensor(make: (tensor: TensorDescription) => Float32Array): TensorDict {
    return Object.fromEntries(
      this.family.tensors.map((tensor) => {
        const { name, shape } = tensor;
        return [name, { shape, dtype: 'float32' as const, data: make(tensor) }];
      }),
    );
  }

  /** Interpolation, task arithmetic, selection. */
  private combine(
    tensor: TensorDescription,
    recipe: Recipe,
    parameters: CombinationParameters,
    sources: Sources,
  ): Float32Array {
    const { name } = tensor;
    const { weights, bits } = parameters;
    const [interpolation, task, selection] = parameters.stages as readonly [
      StageRecipe,
      StageRecipe,
      StageRecipe,
    ];
    const originals = recipe.sources.map((id) => floats(sources(id), name));
    const ancestor = floats(this.family.base, name);
    const random = (stage: string) => stream(recipe.seed, stage, name);
    const set = (models: readonly Float32Array[], base: Float32Array): TensorSet => ({
      tensor,
      models,
      base,
      importance: undefined,
    });
    const first = this.merge(interpolation, set(originals, ancestor), weights, random('interpolation'));
    // Bit 0 thins out what the merged model learnt since the ancestor, bit 1 adds what the originals agree on.
    const second =
      bits[1] === '0'
        ? this.merge(task, set([first], ancestor), [1], random('task'))
        : this.merge(task, set(originals, first), weights, random('task'));
    const importance = this.importanceOf([null, ...recipe.sources], name);
    // The model so far counts as much as one original of average weight.
    const shares = weights.map((weight) => weight * weights.length);
    const candidates = { ...set([second, ...originals], ancestor), importance };
    return this.merge(selection, candidates, [1, ...shares], random('selection'));
  }

  private layer(
    tensor: TensorDescription,
    recipe: Recipe,
    parameters: LayeredParameters,
    sources: Sources,
  ): Float32Array {
    const { name } = tensor;
    const group = groupOf(tensor);
    const models = recipe.sources.map((id) => floats(sources(id), name));
    const set = {
      tensor,
      models,
      base: floats(this.family.base, name),
      importance: this.importanceOf(recipe.sources, name),
    };
    const random = stream(recipe.seed, 'layered', name);
    return this.merge(parameters, set, parameters.weights[group]!, random, parameters.parameters[group]);
  }

  private merge(
    stage: StageRecipe,
    { tensor, models, base, importance }: TensorSet,
    weights: readonly number[],
    random: MergeInput['random'],
    numbers: Readonly<Record<string, number>> = {},
  ): Float32Array {
    const method = this.method(stage);
    const { name, shape, role, layer } = tensor;
    return method.merge({
      name,
      shape,
      role,
      ...(layer === undefined ? {} : { layer }),
      models,
      ...(method.base === 'unused' ? {} : { base }),
      ...(importance === undefined ? {} : { importance }),
      weights,
      ...withNumbers(method, models.length, numbers),
      random,
    });
  }

  private method({ merge, options }: StageRecipe): MergeMethod {
    const asConfigured = Object.keys(options).length === 0;
    const known = asConfigured ? this.plain : this.adjusted;
    const key = asConfigured ? merge : JSON.stringify([merge, options]);
    let method = known.get(key);
    if (method === undefined) {
      method = this.ctx.resolve(MERGE, merge, asConfigured ? undefined : options);
      known.set(key, method);
    }
    return method;
  }

  private importanceOf(ids: readonly (string | null)[], name: string): Float32Array[] | undefined {
    if (this.meanImportance === null) return undefined;
    return ids.map((id) =>
      floats((id === null ? undefined : this.importances.get(id)) ?? this.meanImportance!, name),
    );
  }
}

/** Defaults, with `numbers` over them for the tensor and for every model alike. */
function withNumbers(method: MergeMethod, models: number, numbers: Readonly<Record<string, number>>) {
  const { parameters, modelParameters } = defaultParameters(method, models);
  const of = (scope: MergeParameter['scope']): Record<string, number> =>
    Object.fromEntries(
      Object.entries(numbers).filter(([name]) => method.parameters?.[name]?.scope === scope),
    );
  return {
    parameters: { ...parameters, ...of('merge') },
    modelParameters: modelParameters.map((values) => ({ ...values, ...of('model') })),
  };
}

function floats(weights: TensorDict, name: string): Float32Array {
  return weights[name]!.data as Float32Array;
}

function meanOf(all: readonly TensorDict[]): TensorDict {
  return Object.fromEntries(
    Object.entries(all[0]!).map(([name, tensor]) => {
      const data = new Float32Array(tensor.data.length);
      for (const each of all) {
        const values = each[name]!.data;
        for (let i = 0; i < data.length; i++) data[i]! += values[i]! / all.length;
      }
      return [name, { ...tensor, data }];
    }),
  );
}
