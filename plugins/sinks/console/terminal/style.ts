import { createRequire } from 'node:module';
import type { Terminal } from '../../../../core/contracts/terminal.js';

// Required: an import of CommonJS is first searched for its exports, and every command of the command line waits.
const picocolors = createRequire(import.meta.url)('picocolors') as typeof import('picocolors');

type Paint = (text: string) => string;

/** How text is set: in how many columns, and in which of the few colours, which do nothing where there is no colour. */
export interface Style {
  /** Columns there are; Infinity where lines may be of any length. */
  readonly columns: number;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

export function styleOf(terminal: Pick<Terminal, 'colour'> & Partial<Pick<Terminal, 'columns'>>): Style {
  const { bold, dim, red, green, yellow, cyan } = picocolors.createColors(terminal.colour);
  return { columns: terminal.columns ?? Infinity, bold, dim, red, green, yellow, cyan };
}

/** The same with fewer columns, for text that is indented afterwards. */
export function narrower(style: Style, by: number): Style {
  return { ...style, columns: style.columns - by };
}
