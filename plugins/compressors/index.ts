export { float16 } from './float16.js';
export { float32 } from './float32.js';
export { int4 } from './int4.js';
export { int8 } from './int8.js';
export { ternary } from './ternary.js';
