import type { MergeInput, MergeParameter } from '../../../core/contracts/merge.js';
import { WEIGHT } from '../chosen-method.js';
import type { MergeRecipe, RecipeSlice, RecipeSource } from '../recipe.js';
import { evaluateSetting, type Settings, type SettingValue } from '../settings.js';

/** Where a tensor stands, as far as settings care. */
export interface TensorPlace {
  readonly recipe: MergeRecipe;
  readonly slice: RecipeSlice;
  /** Name in the result: parameters of the whole merge go by it. */
  readonly name: string;
  /** 0 at the first layer of the slice, 1 at the last; 0 outside of layers. */
  readonly position: number;
}

/** One model's part in a tensor; its own parameters go by the name that the tensor has there. */
export interface PlacedModel {
  readonly source: RecipeSource;
  readonly name: string;
}

export type TensorParameters = Pick<MergeInput, 'weights' | 'parameters' | 'modelParameters'>;

/**
 * The values that a technique gets for one tensor: source over slice over recipe over default, as mergekit has it.
 *
 * @param missing told of a parameter that has to be set and is not, for a model or (null) for the tensor
 */
export function tensorParameters(
  place: TensorPlace,
  models: readonly PlacedModel[],
  missing: (parameter: string, model: PlacedModel | null) => void,
): TensorParameters {
  const { recipe } = place;
  const known = Object.entries(recipe.method.parameters ?? {});
  const inScope = (scope: MergeParameter['scope']) =>
    known.filter(([, parameter]) => parameter.scope === scope);
  const valueOf = (name: string, standard: SettingValue | null, model: PlacedModel | null): SettingValue => {
    const set = lookUp(name, place, model);
    if (set !== undefined) return typeof standard === 'boolean' ? Boolean(set) : set;
    const value = recipe.defaults[name] ?? standard;
    if (value === null || recipe.required.includes(name)) missing(name, model);
    return value ?? 0;
  };
  const valuesOf = (scope: MergeParameter['scope'], model: PlacedModel | null) =>
    Object.fromEntries(
      inScope(scope).map(([name, { default: value }]) => [name, valueOf(name, value, model)]),
    );
  return {
    weights: models.map((model) => Number(valueOf(WEIGHT, 1, model))),
    parameters: valuesOf('merge', null),
    modelParameters: models.map((model) => valuesOf('model', model)),
  };
}

function lookUp(name: string, place: TensorPlace, model: PlacedModel | null): SettingValue | undefined {
  const tensor = model?.name ?? place.name;
  const layers: readonly (Settings | undefined)[] = [
    model?.source.parameters,
    place.slice.parameters,
    place.recipe.parameters,
  ];
  for (const settings of layers) {
    if (settings === undefined || !Object.hasOwn(settings, name)) continue;
    const value = evaluateSetting(settings[name]!, tensor, place.position);
    if (value !== undefined) return value;
  }
  return undefined;
}
