export { ERROR_CATALOGUE, type ErrorCode } from './catalogue.js';
export { ForgeError, isForgeError, type ForgeErrorDetails, type Problem } from './forge-error.js';
