/** The public surface of `agentforge/nn`: pure functions over tfjs and host arrays, without a kernel. */
export * from './data/index.js';
export * from './evaluation/index.js';
export * from './generation/index.js';
export * from './halting/index.js';
export * from './layers/index.js';
export * from './losses/index.js';
export * from './merging/index.js';
export * from './models/index.js';
export * from './objectives/index.js';
export * from './optim/index.js';
export * from './random/index.js';
export * from './training/index.js';
