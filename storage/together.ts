/**
 * The results of work that runs side by side, in order. A failure is told when all of it is over: whoever hears of one can
 * be sure that nothing reads, writes or holds a file any more.
 *
 * @throws what the first in order failed with
 */
export async function together<T>(work: Iterable<Promise<T>>): Promise<T[]> {
  const all = [...work];
  await Promise.allSettled(all);
  return Promise.all(all);
}
