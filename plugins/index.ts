/** Every built-in plugin as a typed factory, for configs in TypeScript. */
export {
  arc,
  arithmetic,
  commonsenseqa,
  gsm8k,
  jsonLines,
  logic,
  mbpp,
  piqa,
  sequences,
  stories,
  stringTasks,
  svamp,
  text,
  tinystories,
  toolCalls,
  wordProblems,
} from './datasets/index.js';
export { onnxruntime } from './engines/onnxruntime/index.js';
export { tfjs } from './engines/tfjs/index.js';
export {
  arceeFusion,
  breadcrumbs,
  breadcrumbsTies,
  dare,
  dareLinear,
  dareTies,
  della,
  dellaLinear,
  dfs,
  franken,
  karcher,
  linear,
  modelStock,
  multislerp,
  nearswap,
  nuslerp,
  passthrough,
  sce,
  slerp,
  taskArithmetic,
  ties,
} from './merges/index.js';
export { accuracy, memory, perplexity, speed } from './fitness/index.js';
export { llama, titansMag } from './architectures/index.js';
export { bitFlip, coefficients, recipe, weightNoise } from './mutations/index.js';
export { adamW, muGrokfast } from './optimizers/index.js';
export { cognate } from './phases/cognate/index.js';
export { evomerge } from './phases/evomerge/index.js';
export { lowdb } from './registries/lowdb/index.js';
export { consoleSink, jsonl } from './sinks/index.js';
export { files } from './storages/files.js';
export { byteBpe } from './tokenizers/index.js';
