/** Seconds of the parts of a phase, in the order in which they were first begun. */
export class PartClock<Name extends string> {
  private readonly parts = new Map<Name, number>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Do a part, or more of it. Parts stand beside each other: none is begun within another. */
  async time<T>(name: Name, work: () => Promise<T>): Promise<T> {
    const began = this.now();
    this.parts.set(name, this.parts.get(name) ?? 0);
    try {
      return await work();
    } finally {
      this.parts.set(name, this.parts.get(name)! + (this.now() - began) / 1000);
    }
  }

  /** Of this process: what was done before it went on is not in it. */
  get seconds(): readonly { readonly name: Name; readonly seconds: number }[] {
    return [...this.parts].map(([name, seconds]) => ({ name, seconds }));
  }
}
