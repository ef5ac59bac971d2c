export { editDistance, nearest } from '../../errors/index.js';
