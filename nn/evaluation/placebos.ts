import { stream } from '../random/index.js';

/** A thought of each item, by index. */
type Thoughts = readonly (readonly number[])[];

/**
 * For each item another one, drawn by seed: of the same family where that has others, else of any. Nobody gets itself,
 * and within a family each is taken once (a cycle over a random order: Sattolo 1986).
 *
 * @param families of the items; undefined: of none
 * @returns index of the other item; null where there is no other
 */
export function otherItems(families: readonly (string | undefined)[], seed: number): (number | null)[] {
  const groups = new Map<string | undefined, number[]>();
  for (const [i, family] of families.entries()) groups.set(family, [...(groups.get(family) ?? []), i]);
  const partners: (number | null)[] = families.map(() => null);
  const random = stream(seed, 'other-items');
  const cycle = (members: readonly number[]): void => {
    const order = random.permutation(members.length);
    order.forEach((at, k) => (partners[members[at]!] = members[order[(k + 1) % members.length]!]!));
  };
  const alone = [...groups.values()].flatMap((members) => (members.length === 1 ? members : []));
  for (const members of groups.values()) if (members.length > 1) cycle(members);
  if (alone.length > 1) cycle(alone);
  else if (alone.length === 1 && families.length > 1) {
    const [only] = alone as [number];
    partners[only] = (only + 1 + random.integer(families.length - 1)) % families.length;
  }
  return partners;
}

/** The thought of the item that {@link otherItems} chose; its own where there is no other. */
export function thoughtsOfOthers(thoughts: Thoughts, others: readonly (number | null)[]): number[][] {
  return others.map((other, i) => [...thoughts[other ?? i]!]);
}

/** Thoughts of the same lengths of ids drawn evenly. @param ids that may be drawn, at least one */
export function randomThoughts(thoughts: Thoughts, ids: readonly number[], seed: number): number[][] {
  return thoughts.map(({ length }, i) => {
    const random = stream(seed, 'random-thought', i);
    return Array.from({ length }, () => ids[random.integer(ids.length)]!);
  });
}

/** Thoughts of the same lengths of one id: time to compute and nothing said (Pfau et al. 2024, arXiv:2404.15758). */
export function fillerThoughts(thoughts: Thoughts, filler: number): number[][] {
  return thoughts.map(({ length }) => new Array<number>(length).fill(filler));
}
