export * from './cross-entropy.js';
export * from './deep-supervision.js';
export * from './divergence.js';
export * from './halting.js';
