export { arithmeticTasks } from './arithmetic-tasks.js';
export { listTasks } from './list-tasks.js';
export { recallTasks } from './recall-tasks.js';
export { toolTasks } from './tool-tasks.js';
export { traceTasks } from './trace-tasks.js';
