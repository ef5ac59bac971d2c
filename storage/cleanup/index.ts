export { applyCleanup } from './apply.js';
export { planCleanup, type CleanupScope } from './plan.js';
export { decide, protection, type Decision } from './policy.js';
