import type { MergeInput, MergeMethod } from '../../core/contracts/merge.js';

/** Parameters of one tensor's merge with every default filled in. */
export type ParameterValues = Pick<MergeInput, 'parameters' | 'modelParameters'>;

/** What a method gets when a recipe says nothing. A parameter without a default is left out. */
export function defaultParameters(method: MergeMethod, models: number): ParameterValues {
  const known = Object.entries(method.parameters ?? {});
  const values = (scope: 'merge' | 'model'): Record<string, number | boolean> =>
    Object.fromEntries(
      known.flatMap(([name, parameter]) =>
        parameter.scope === scope && parameter.default !== null ? [[name, parameter.default]] : [],
      ),
    );
  return {
    parameters: values('merge'),
    modelParameters: Array.from({ length: models }, () => values('model')),
  };
}
