import type { BakeOptions } from './options.js';

/** What is baked by one bake. */
export interface BakeTurn {
  readonly names: readonly string[];
  /** Of the bake. */
  readonly label: string;
  /** Share of all of them that is done, by the share of this one. */
  readonly at: (done: number) => number;
}

/** One after the other, or all at once. @param what they are called together */
export function inOrder(
  order: BakeOptions['order'],
  names: readonly string[],
  what: string,
  fraction: (done: number) => number,
): BakeTurn[] {
  if (names.length === 0) return [];
  if (order === 'together') return [{ names, label: what, at: fraction }];
  return names.map((name, place) => ({
    names: [name],
    label: name,
    at: (done: number) => fraction((place + done) / names.length),
  }));
}
