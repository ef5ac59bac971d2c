import { ToolStop } from '../shared/outcome.js';

/** `SELECT column FROM table WHERE key = value` */
export interface Statement {
  readonly column: string;
  readonly table: string;
  readonly key: string;
  readonly value: string;
}

/** Statements of SQL that would change something or look elsewhere. */
const FORBIDDEN =
  /^(alter|attach|begin|call|commit|copy|create|delete|detach|drop|exec|execute|explain|grant|insert|load|merge|pragma|replace|revoke|rollback|set|show|truncate|union|update|vacuum|with)\b/i;

const NAME = '([A-Za-z_][A-Za-z0-9_]*)';
const SELECT = new RegExp(`^select +${NAME} +from +${NAME} +where +${NAME} *= *(.+)$`, 'i');

/**
 * Reads the one kind of statement there is. Keywords may have any case; the value reaches to the end, or stands in single
 * quotes, which are doubled within.
 *
 * @throws ToolStop `forbidden` for other kinds of statements and for a second one, `syntax` for what is none
 */
export function readStatement(written: string): Statement {
  const text = written.trim();
  if (FORBIDDEN.test(text)) throw new ToolStop('forbidden', 'only SELECT can be asked');
  const match = SELECT.exec(text);
  if (match === null) throw new ToolStop('syntax', 'no SELECT column FROM table WHERE key = value');
  const [, column, table, key, value] = match as unknown as [string, string, string, string, string];
  return { column, table, key, value: valueOf(value) };
}

function valueOf(written: string): string {
  const quoted = /^'((?:[^']|'')*)'$/.exec(written);
  if (quoted !== null) return quoted[1]!.replaceAll("''", "'");
  if (/[;]|--|\/\*/.test(written)) throw new ToolStop('forbidden', 'only one statement can be asked');
  if (written.includes("'")) throw new ToolStop('syntax', 'a quote that is not closed');
  return written;
}
