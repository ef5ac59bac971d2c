/** The public surface of `agentforge/nn`: pure functions over tfjs and host arrays, without a kernel, by what they are for. */
export * as adapters from './adapters/index.js';
export * as data from './data/index.js';
export * as evaluation from './evaluation/index.js';
export * as evolution from './evolution/index.js';
export * as generation from './generation/index.js';
export * as halting from './halting/index.js';
export * as layers from './layers/index.js';
export * as losses from './losses/index.js';
export * as merging from './merging/index.js';
export * as models from './models/index.js';
export * as objectives from './objectives/index.js';
export * as onnx from './onnx/index.js';
export * as optim from './optim/index.js';
export * as quantization from './quantization/index.js';
export * as random from './random/index.js';
export * as thoughts from './thoughts/index.js';
export * as training from './training/index.js';
