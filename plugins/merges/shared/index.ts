/**
 * The public surface of `agentforge/merges`: what the built-in merge methods are made of. A method that is made with
 * `mergeMethod` gets its parameters typed and its input checked; `optionsOf` makes the options of its plugin from the
 * same declarations.
 */
export { gramFor, gramStatistics } from './gram.js';
export {
  mergeMethod,
  rowLengthOf,
  type BasedDefinition,
  type BasedInput,
  type FreeDefinition,
} from './method.js';
export {
  numberParameter,
  optionsOf,
  switchParameter,
  type Declaration,
  type Declarations,
  type Values,
} from './parameters.js';
export { density, lambda, maskKeys, normalize, rescale, taskVector } from './sparse.js';
