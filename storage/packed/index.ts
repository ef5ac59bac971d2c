export { type PackedEntry, type PackedModel, type PackedTensor } from './format.js';
export { openPackedModel, PACKED, type PackedRecord } from './model.js';
export { openPacked, type PackedFile } from './open.js';
export { writePacked } from './write.js';
