export type { PipelineCore } from './core.js';
export { PauseRequest } from './run/pause.js';
export { planRun } from './plan/plan.js';
export { rollbackSession } from './session/rollback.js';
export { runPipeline } from './run/run-pipeline.js';
export { listSessions } from './session/sessions.js';
