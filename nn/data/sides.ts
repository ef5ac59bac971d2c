import { hashFraction } from './content-hash.js';

/** Which groups are held out: the hash says so, unless a group was moved because a side had none. */
export class Sides {
  private readonly moved = new Map<string, boolean>();

  /** @param fraction share of the groups that is held out */
  constructor(private readonly fraction: number) {}

  isHeldOut(key: string): boolean {
    return this.moved.get(key) ?? hashFraction(key) < this.fraction;
  }

  heldOutOf(keys: readonly string[]): readonly string[] {
    return [...new Set(keys)].filter((key) => this.isHeldOut(key));
  }

  /** Set the side of a group; the first one to do so decides. */
  move(key: string, heldOut: boolean): void {
    if (!this.moved.has(key)) this.moved.set(key, heldOut);
  }

  /** See that a dataset of two groups or more has both sides. @param keys distinct, sorted */
  balance(keys: readonly string[]): void {
    if (keys.length < 2) return;
    const heldOut = this.heldOutOf(keys).length;
    const free = keys.filter((key) => !this.moved.has(key));
    if (heldOut === 0 && free.length > 0) this.move(free[0]!, true);
    if (heldOut === keys.length && free.length > 0) this.move(free.at(-1)!, false);
  }

  /** Hold out `count` more groups, each of the dataset that has most to train on; none loses its last. */
  holdOutMore(datasets: readonly (readonly string[])[], count: number): void {
    for (let left = count; left > 0; left--) {
      const training = datasets.map((keys) => keys.filter((key) => !this.isHeldOut(key)));
      const most = training.reduce((a, b) => (b.length > a.length ? b : a), []);
      const free = most.filter((key) => !this.moved.has(key));
      if (most.length < 2 || free.length === 0) return;
      this.move(free[0]!, true);
    }
  }
}
