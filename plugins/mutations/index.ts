export { bitFlip } from './bit-flip.js';
export { coefficients } from './coefficients.js';
export { recipe } from './recipe.js';
export { weightNoise } from './weight-noise.js';
