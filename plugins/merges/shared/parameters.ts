import { Type, type TBoolean, type TNumber, type TObject, type TProperties } from '@sinclair/typebox';
import type { MergeInput, MergeParameter } from '../../../core/contracts/merge.js';
import { withDefault, type Defaulted } from '../../../core/contracts/options.js';

type Scope = MergeParameter['scope'];

/** A parameter as a plugin declares it: its default is also that of the option of the same name. */
export interface Declaration<S extends Scope = Scope, V extends number | boolean = number | boolean> {
  readonly scope: S;
  readonly default: V;
  readonly description: string;
  /** What makes sense: the option's bounds, and where evolution draws. Recipes may go beyond. */
  readonly minimum?: number;
  readonly maximum?: number;
}
export type Declarations = Readonly<Record<string, Declaration>>;

type Schema<D extends Declaration> = Defaulted<D['default'] extends boolean ? TBoolean : TNumber>;
type Schemas<P extends Declarations> = { [K in keyof P]: Schema<P[K]> };

/** What a merge gets to see: one value per tensor, or one per model. */
export type Values<P extends Declarations> = {
  readonly [K in keyof P]: P[K] extends Declaration<'model'> ? readonly P[K]['default'][] : P[K]['default'];
};

/** A number that a recipe may set for each tensor (`merge`) or for each model and tensor (`model`). */
export function numberParameter<S extends Scope>(
  scope: S,
  value: number,
  range: { readonly minimum?: number; readonly maximum?: number },
  description: string,
): Declaration<S, number> {
  return { scope, default: value, ...range, description };
}

/** A switch that a recipe may set. */
export function switchParameter<S extends Scope>(
  scope: S,
  value: boolean,
  description: string,
): Declaration<S, boolean> {
  return { scope, default: value, description };
}

/** Schema of a plugin's options: every parameter by its name, and options that are fixed for the whole merge. */
export function optionsOf<P extends Declarations, X extends TProperties = {}>(
  parameters: P,
  fixed?: X,
): TObject<Schemas<P> & X> {
  const properties = Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, schemaOf(parameter)]),
  );
  return Type.Object({ ...properties, ...fixed }, { additionalProperties: false }) as unknown as TObject<
    Schemas<P> & X
  >;
}

function schemaOf({ default: value, description, minimum, maximum }: Declaration) {
  if (typeof value === 'boolean') return withDefault(Type.Boolean({ description }), value);
  return withDefault(Type.Number({ description, minimum, maximum }), value);
}

/** The parameters of the contract: the plugin's options are the defaults. */
export function contractParameters(
  parameters: Declarations,
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, MergeParameter>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [
      name,
      { ...parameter, default: options[name] as number | boolean },
    ]),
  );
}

/** Values of one tensor, already checked: see {@link mergeMethod}. */
export function valuesOf<P extends Declarations>(parameters: P, input: MergeInput): Values<P> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { scope }]) => [
      name,
      scope === 'merge' ? input.parameters[name] : input.modelParameters.map((values) => values[name]),
    ]),
  ) as Values<P>;
}
