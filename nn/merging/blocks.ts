/** Elements handled at a time: a block of every model stays in the first-level cache, and no full-size copy is made. */
export const BLOCK = 2048;

/** Numbers of any length, given a block at a time: deltas, variances, scores that are never held as a whole. */
export interface BlockSource {
  readonly length: number;
  /** Write the numbers from `start` on into `values`; returns how many there were (less than a block at the end). */
  fill(values: Float32Array, start: number): number;
}

/** One block, as numbers and as the bits of the same numbers. */
export interface Block {
  readonly values: Float32Array;
  readonly bits: Int32Array;
}

export function newBlock(): Block {
  const values = new Float32Array(BLOCK);
  return { values, bits: new Int32Array(values.buffer) };
}

/** What a model adds to its base: `model - base`, rounded to float32. */
export function deltasOf(model: Float32Array, base: Float32Array): BlockSource {
  return {
    length: model.length,
    fill: (values, start) => {
      const count = Math.min(BLOCK, model.length - start);
      for (let i = 0; i < count; i++) values[i] = model[start + i]! - base[start + i]!;
      return count;
    },
  };
}
