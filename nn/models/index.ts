export * from './fingerprint.js';
export * from './initialize.js';
export * from './roles.js';
export * from './tokenizer.js';
export * from './logits.js';
export * from './grow-vocabulary.js';
export * from './merge-configs.js';
