/** Elements per row: the length of the last axis; 1 for a single number. */
export function rowLengthOf(shape: readonly number[]): number {
  return shape.at(-1) ?? 1;
}
