export { byteBpe } from './byte-bpe/index.js';
