export * from './initialize.js';
export * from './roles.js';
