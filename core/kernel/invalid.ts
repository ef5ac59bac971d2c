export { problemsError } from '../../errors/index.js';
