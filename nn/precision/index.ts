export { roundedTo, type LowFormat } from './low-formats.js';
export { inFullPrecision, inLowPrecision } from './products.js';
