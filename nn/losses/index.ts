export * from './cross-entropy.js';
export * from './deep-supervision.js';
export * from './divergence.js';
export * from './halting.js';
export * from './linear-divergence.js';
export * from './teacher-divergence.js';
