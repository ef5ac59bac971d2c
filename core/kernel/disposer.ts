import { messageOf } from '../errors/message-of.js';

/** What must be released in the end, newest first. */
export class Disposer {
  private readonly releases: { readonly what: string; readonly release: () => Promise<void> }[] = [];

  add(what: string, release: () => Promise<void>): void {
    this.releases.push({ what, release });
  }

  /** Release everything, whatever one release throws. @returns what they threw */
  async release(): Promise<Error[]> {
    const errors: Error[] = [];
    for (const { what, release } of this.releases.splice(0).reverse()) {
      try {
        await release();
      } catch (cause) {
        errors.push(cause instanceof Error ? cause : new Error(`${what}: ${messageOf(cause)}`, { cause }));
      }
    }
    return errors;
  }
}
