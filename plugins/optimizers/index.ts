export { adamW } from './adamw/index.js';
export { muGrokfast } from './mugrokfast/index.js';
