import picocolors from 'picocolors';
import type { Terminal } from '../contracts/terminal.js';

type Paint = (text: string) => string;

/** The few colours used, by name; all of them leave text as it is where there is no colour. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

export function styleOf(terminal: Pick<Terminal, 'colour'>): Style {
  const { bold, dim, red, green, yellow, cyan } = picocolors.createColors(terminal.colour);
  return { bold, dim, red, green, yellow, cyan };
}
