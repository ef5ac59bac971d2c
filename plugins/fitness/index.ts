export { accuracy } from './accuracy.js';
export { memory } from './memory.js';
export { perplexity } from './perplexity.js';
export { speed } from './speed.js';
