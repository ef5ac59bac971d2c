export { calculator } from './calculator/index.js';
export { codeExecutor } from './code-executor/index.js';
export { databaseQuery } from './database-query/index.js';
export { fileReader } from './file-reader/index.js';
export { search } from './search/index.js';
