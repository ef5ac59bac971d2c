import type { RandomStream } from '../../core/contracts/merge.js';

/** Choices made with one random stream. */
export class Draw {
  constructor(private readonly random: RandomStream) {}

  /** One of the items, all equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.random.integer(items.length)]!;
  }

  /** One of the items, as likely as its weight says. */
  weighted<T>(items: readonly T[], weight: (item: T) => number): T {
    let left = this.random.uniform() * items.reduce((sum, item) => sum + weight(item), 0);
    return items.find((item) => (left -= weight(item)) < 0) ?? items.at(-1)!;
  }

  /** `count` different items, in random order. */
  several<T>(items: readonly T[], count: number): T[] {
    const rest = [...items];
    return Array.from(
      { length: Math.min(count, rest.length) },
      () => rest.splice(this.random.integer(rest.length), 1)[0]!,
    );
  }

  /** A whole number, both bounds included. */
  between(low: number, high: number): number {
    return low + this.random.integer(high - low + 1);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.random.uniform() < probability;
  }

  /** A number with 1 to `digits` digits, each length equally likely; the longest ones would crowd out the rest. */
  number(digits: number, least = 0): number {
    const length = this.between(1, digits);
    const low = length === 1 ? least : 10 ** (length - 1);
    return this.between(Math.max(low, least), 10 ** length - 1);
  }
}
