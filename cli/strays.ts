/** Errors that nobody waits for, offered to whoever may know whose they are. */
export class Strays {
  private readonly listeners = new Set<(thrown: unknown) => boolean>();

  /** @returns how to stop listening */
  listen(listener: (thrown: unknown) => boolean): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Whether somebody took an error for their own. */
  claim(thrown: unknown): boolean {
    return [...this.listeners].some((listener) => listener(thrown));
  }
}
