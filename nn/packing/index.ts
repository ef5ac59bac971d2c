export { fixedPointByte, fixedPointTrit, packFixedPoint, unpackFixedPoint } from './fixed-point.js';
export { packBlocks, unpackBlocks, type BlockLayout } from './gguf-blocks.js';
export { halfBytes, halvesOf } from './half.js';
export { Q8_0 } from './q8.js';
export { refuse, requireBytes } from './refuse.js';
export { packT2, t2RowBytes, unpackT2 } from './t2.js';
export { packT5, t5Bytes, unpackT5 } from './t5.js';
export { TQ1_0 } from './tq1.js';
export { TQ2_0 } from './tq2.js';
