export * from './activations.js';
export * from './allocation/index.js';
export * from './least-squares.js';
export * from './output-error.js';
export * from './packed-product.js';
export * from './quantized.js';
export * from './ternary.js';
export * from './unpacked.js';
