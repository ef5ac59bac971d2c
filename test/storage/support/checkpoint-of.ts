import type { Checkpoint } from '../../../core/contracts/store.js';

/** A checkpoint whose every part tells its step; large enough that writing it takes several calls. */
export function checkpointOf(step: number): Checkpoint {
  return {
    step,
    tensors: {
      weights: { shape: [20_000], dtype: 'float32', data: new Float32Array(20_000).fill(step) },
      counter: { shape: [1], dtype: 'int32', data: Int32Array.of(step) },
    },
    state: { step, history: Array.from({ length: 50 }, (_, i) => step + i) },
  };
}
