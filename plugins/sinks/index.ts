export { consoleSink } from './console/index.js';
export { jsonl } from './jsonl/index.js';
