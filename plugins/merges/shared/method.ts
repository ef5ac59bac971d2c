import type { MergeInput, MergeMethod, MergeParameter } from '../../../core/contracts/merge.js';
import { ForgeError } from '../../../core/errors/index.js';
import { contractParameters, valuesOf, type Declarations, type Values } from './parameters.js';

/** A tensor of models that have a common ancestor. */
export type BasedInput = MergeInput & { readonly base: Float32Array };

interface Definition<P extends Declarations> {
  /** The plugin's name, for messages. */
  readonly name: string;
  readonly arity: MergeMethod['arity'];
  readonly parameters: P;
  /** The plugin's options: what they say of a parameter is its default. */
  readonly options: Readonly<Record<string, unknown>>;
  /** These three as in {@link MergeMethod}. */
  readonly elementwise?: boolean;
  readonly showsNonFinite?: boolean;
  readonly statistics?: (input: MergeInput) => Float64Array;
}

export interface BasedDefinition<P extends Declarations> extends Definition<P> {
  readonly base: 'required';
  merge(input: BasedInput, values: Values<P>): Float32Array;
}

export interface FreeDefinition<P extends Declarations> extends Definition<P> {
  readonly base: 'optional' | 'unused';
  merge(input: MergeInput, values: Values<P>): Float32Array;
}

/**
 * A merge method that gets its parameters typed and its input checked: enough models, a base where one is needed, equal
 * lengths, one weight per model, every parameter there and of its type.
 *
 * The method throws ForgeError AF_MERGE_MODELS, AF_MERGE_BASE, AF_MERGE_SHAPE, AF_MERGE_WEIGHTS or AF_MERGE_PARAMETER,
 * naming the tensor.
 */
export function mergeMethod<P extends Declarations>(
  definition: BasedDefinition<P> | FreeDefinition<P>,
): MergeMethod {
  const { name, arity, base, options, elementwise = false, showsNonFinite = false } = definition;
  const { statistics } = definition;
  const parameters = contractParameters(definition.parameters, options);
  return Object.freeze({
    arity,
    base,
    parameters,
    elementwise,
    showsNonFinite,
    ...(statistics === undefined ? {} : { statistics }),
    merge: (input: MergeInput): Float32Array => {
      checkModels(name, arity, input);
      checkParameters(name, parameters, input);
      const values = valuesOf(definition.parameters, input);
      if (definition.base !== 'required') return definition.merge(input, values);
      return definition.merge({ ...input, base: baseOf(name, input) }, values);
    },
  });
}

function checkModels(name: string, { min, max }: MergeMethod['arity'], input: MergeInput): void {
  const { models, base, weights } = input;
  if (models.length < min || (max !== null && models.length > max)) {
    const wanted = max === min ? `exactly ${min}` : max === null ? `${min} or more` : `${min} to ${max}`;
    throw new ForgeError('AF_MERGE_MODELS', `${name} merges ${wanted} models, not ${models.length}.`, {
      at: input.name,
      fix: 'Give it as many models as it merges (its base does not count), or choose another method.',
    });
  }
  const length = models[0]!.length;
  if ([...models, ...(base ? [base] : [])].some((each) => each.length !== length)) {
    throw new ForgeError(
      'AF_MERGE_SHAPE',
      `The models have different numbers of elements in "${input.name}".`,
      {
        at: input.name,
        fix: 'Merge models of the same architecture, shapes and vocabulary.',
      },
    );
  }
  if (weights.length !== models.length || !weights.every(Number.isFinite)) {
    throw new ForgeError(
      'AF_MERGE_WEIGHTS',
      `${name} needs one finite weight for each of ${models.length} models.`,
      {
        at: input.name,
        fix: 'Give every model a weight, or none of them.',
      },
    );
  }
}

function baseOf(name: string, { base, name: tensor }: MergeInput): Float32Array {
  if (base) return base;
  throw new ForgeError('AF_MERGE_BASE', `${name} merges differences to a base model, and there is none.`, {
    at: tensor,
    fix: 'Name the model that the others were trained from as the base, or choose a method that needs none.',
  });
}

function checkParameters(
  name: string,
  parameters: Readonly<Record<string, MergeParameter>>,
  input: MergeInput,
): void {
  for (const [parameter, { scope, default: value }] of Object.entries(parameters)) {
    const sets =
      scope === 'merge' ? [input.parameters] : input.models.map((_, i) => input.modelParameters[i]);
    for (const set of sets) {
      const given = set?.[parameter];
      if (typeof given === typeof value && (typeof given !== 'number' || Number.isFinite(given))) continue;
      throw new ForgeError(
        'AF_MERGE_PARAMETER',
        `${name} needs ${typeof value === 'number' ? 'a finite number' : 'true or false'} for "${parameter}", found ${String(given)}.`,
        { at: input.name, fix: `Set "${parameter}" in the recipe, or leave it out for its default.` },
      );
    }
  }
}

/** Elements per row: the length of the last axis; 1 for a single number. */
export function rowLengthOf(shape: readonly number[]): number {
  return shape.at(-1) ?? 1;
}
