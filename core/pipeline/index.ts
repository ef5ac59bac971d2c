export { planRun } from './plan/plan.js';
export { rollbackSession } from './session/rollback.js';
export { runPipeline } from './run/run-pipeline.js';
