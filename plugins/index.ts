/** Every built-in plugin as a typed factory, for configs in TypeScript; `catalogue.ts` has the same by name. */
export * from './architectures/index.js';
export * from './baking/index.js';
export * from './compressors/index.js';
export * from './datasets/index.js';
export { onnxruntime } from './engines/onnxruntime/index.js';
export { tfjs } from './engines/tfjs/index.js';
export * from './fitness/index.js';
export * from './merges/index.js';
export * from './mutations/index.js';
export * from './optimizers/index.js';
export { cognate } from './phases/cognate/index.js';
export { evomerge } from './phases/evomerge/index.js';
export { bitnet } from './phases/bitnet/index.js';
export { quietstar } from './phases/quietstar/index.js';
export { lowdb } from './registries/lowdb/index.js';
export * from './sinks/index.js';
export { files } from './storages/files.js';
export * from './tokenizers/index.js';
