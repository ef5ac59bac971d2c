export { applyCleanup } from './apply.js';
export { planCleanup } from './plan.js';
export { decide, protection, type Decision } from './policy.js';
export type { CleanupScope } from './scope.js';
