/** Something that is lent: nobody else gets it before it is given back. */
export interface Loan<T> {
  readonly lent: T;
  giveBack(): void;
}

/**
 * Things that are used again and again, by one user at a time. A buffer that is still being read or written has not been
 * given back, and so cannot be filled.
 */
export class Pool<T> {
  private readonly free: T[];
  private readonly waiting: ((thing: T) => void)[] = [];

  constructor(things: readonly T[]) {
    this.free = [...things];
  }

  /** What is free, or null. */
  lendNow(): Loan<T> | null {
    const thing = this.free.pop();
    return thing === undefined ? null : this.loan(thing);
  }

  /** What is free, as soon as there is something. */
  async lend(): Promise<Loan<T>> {
    return this.lendNow() ?? this.loan(await new Promise<T>((resolve) => this.waiting.push(resolve)));
  }

  private loan(lent: T): Loan<T> {
    let isOut = true;
    const giveBack = (): void => {
      if (!isOut) return;
      isOut = false;
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(lent);
      else next(lent);
    };
    return { lent, giveBack };
  }
}
