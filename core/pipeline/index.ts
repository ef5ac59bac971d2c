export type { PipelineCore } from './core.js';
export { PauseRequest } from './pause.js';
export { planRun } from './plan.js';
export { rollbackSession } from './rollback.js';
export { runPipeline } from './run-pipeline.js';
export { listSessions } from './sessions.js';
