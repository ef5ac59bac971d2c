export { choice } from './choice.js';
export { exact } from './exact.js';
export { number } from './number.js';
export { toolResult } from './tool-result.js';
