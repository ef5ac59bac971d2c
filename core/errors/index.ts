export { ERROR_CATALOGUE, type ErrorCode } from './catalogue.js';
export { ForgeError, isForgeError, type ForgeErrorDetails, type Problem } from './forge-error.js';
export { editDistance, nearest } from './nearest.js';
export { problemsError } from './problems-error.js';
