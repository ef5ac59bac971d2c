export * from './activations.js';
export * from './packed-product.js';
export * from './quantized.js';
export * from './ternary.js';
export * from './unpacked.js';
export * from './model-architecture.js';
