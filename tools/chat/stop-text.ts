/** Ends a text that comes in pieces where one of some texts begins; what may be the beginning of one is held back. */
export class StopText {
  private held = '';
  /** Whether one of the texts has come: nothing more is let through. */
  isOver = false;

  constructor(private readonly stops: readonly string[]) {}

  /** What of the text so far can be shown now. */
  add(piece: string): string {
    if (this.isOver) return '';
    this.held += piece;
    const places = this.stops.map((stop) => this.held.indexOf(stop)).filter((place) => place >= 0);
    this.isOver = places.length > 0;
    return this.take(this.isOver ? Math.min(...places) : this.held.length - this.beginning());
  }

  /** What was held back of a text that is over. */
  rest(): string {
    return this.isOver ? '' : this.take(this.held.length);
  }

  private take(length: number): string {
    const shown = this.held.slice(0, length);
    this.held = this.held.slice(length);
    return shown;
  }

  /** Length of the longest end of what is held that one of the texts begins with. */
  private beginning(): number {
    const longest = Math.max(0, ...this.stops.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, this.held.length); length > 0; length--)
      if (this.stops.some((stop) => stop.startsWith(this.held.slice(-length)))) return length;
    return 0;
  }
}
