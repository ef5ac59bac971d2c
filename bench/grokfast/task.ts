import { stream } from '../../nn/random/index.js';

/** Sums (a + b) mod p: ids of the two numbers and of the answer, row by row. */
export interface Sums {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly answer: Int32Array;
}

/** All p^2 sums, those that are trained on first. */
export interface AdditionTask {
  readonly prime: number;
  readonly sums: Sums;
  /** Half of them. */
  readonly trained: number;
}

/** The task of a seed: which half is trained on is drawn from it, and is the same whatever is trained. */
export function additionTask(prime: number, seed: number): AdditionTask {
  const order = stream(seed, 'grokfast', 'split').permutation(prime ** 2);
  return { prime, sums: sumsOf(prime, order), trained: (prime ** 2) >> 1 };
}

/** Rows of a task by their places. */
export function rowsOf({ a, b, answer }: Sums, places: ArrayLike<number>): Sums {
  const pick = (ids: Int32Array): Int32Array => Int32Array.from(places, (place) => ids[place]!);
  return { a: pick(a), b: pick(b), answer: pick(answer) };
}

/**
 * Places of the batches of a run, update by update: the training rows in a new order every epoch, a batch that an epoch
 * does not fill being filled by the next one. Where a batch is everything, everything in one order.
 */
export function batchPlaces(trained: number, rows: number, seed: number): () => Uint32Array {
  if (rows === trained) return () => Uint32Array.from({ length: trained }, (_, i) => i);
  const orders = stream(seed, 'grokfast', 'batches');
  let left: number[] = [];
  return () => {
    while (left.length < rows) left = [...left, ...orders.permutation(trained)];
    const batch = Uint32Array.from(left.slice(0, rows));
    left = left.slice(rows);
    return batch;
  };
}

function sumsOf(prime: number, order: Uint32Array): Sums {
  const a = Int32Array.from(order, (place) => Math.floor(place / prime));
  const b = Int32Array.from(order, (place) => place % prime);
  return { a, b, answer: a.map((value, i) => (value + b[i]!) % prime) };
}
