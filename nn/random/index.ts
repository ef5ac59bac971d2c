export { Draw } from './draw.js';
export { fillBernoulli, fillNormal, fillUniform, streamKey, wordAt, type StreamKey } from './counter.js';
export { stream, type CounterStream } from './stream.js';
