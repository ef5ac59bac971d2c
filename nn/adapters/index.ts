export { interpolate } from './interpolate.js';
export { lora, type LoraAdapters, type LoraOptions } from './lora.js';
