import { contentHash, hashFraction } from './content-hash.js';

/** Share of what is held out that is locked. */
const LOCKED = 0.5;

/**
 * Which groups of held-out records are locked: scored at the very end and never chosen by. About half of them, by
 * content, with a hash of its own: the side does not follow from having been held out. Of two groups or more some are
 * locked and some are free.
 *
 * @param keys content hashes of groups, repeats allowed
 */
export function lockedGroups(keys: Iterable<string>): ReadonlySet<string> {
  const order = new Map([...keys].map((key) => [key, hashFraction(contentHash(`locked ${key}`))]));
  const sorted = [...order.keys()].sort((a, b) => order.get(a)! - order.get(b)!);
  const below = sorted.filter((key) => order.get(key)! < LOCKED).length;
  const count = sorted.length < 2 ? below : Math.min(sorted.length - 1, Math.max(1, below));
  return new Set(sorted.slice(0, count));
}
