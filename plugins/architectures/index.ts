export { llama } from './llama/index.js';
export { titansMag } from './titans-mag/index.js';
