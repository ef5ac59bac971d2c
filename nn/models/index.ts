export * from './fingerprint.js';
export * from './initialize.js';
export * from './roles.js';
export * from './tokenizer.js';
