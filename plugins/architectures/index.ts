export { titansMag } from './titans-mag/index.js';
