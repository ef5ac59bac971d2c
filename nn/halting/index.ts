export * from './calibration.js';
export * from './rule.js';
