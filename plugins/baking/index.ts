export { prompts } from './prompts.js';
export { traces } from './traces.js';
