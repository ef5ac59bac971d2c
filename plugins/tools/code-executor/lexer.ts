import { ToolStop } from '../shared/outcome.js';

export interface Lexeme {
  readonly kind: 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
}

const LEXEME = /(?<number>[0-9]+)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<sign>[<>=!]=|[-+*/%<>=(){};\n])/y;
const LONGEST_NAME = 16;

/**
 * A program cut into numbers, names and signs; at the end stands one of kind `end`.
 *
 * @throws ToolStop `syntax`; `forbidden` where something is called, a member or an element is asked for
 */
export function lexemesOf(source: string): readonly Lexeme[] {
  const lexemes: Lexeme[] = [];
  for (let at = skipped(source, 0); at < source.length; at = skipped(source, LEXEME.lastIndex)) {
    LEXEME.lastIndex = at;
    const groups = LEXEME.exec(source)?.groups;
    if (groups === undefined) throw unknownCharacter(source[at]!, lexemes.at(-1));
    lexemes.push(lexemeOf(groups));
  }
  return [...lexemes, { kind: 'end', text: '' }];
}

function skipped(source: string, from: number): number {
  let at = from;
  while (source[at] === ' ' || source[at] === '\t') at++;
  return at;
}

function lexemeOf({ number, name, sign }: Readonly<Record<string, string | undefined>>): Lexeme {
  if (number !== undefined) return { kind: 'number', text: number };
  if (name === undefined) return { kind: 'sign', text: sign! };
  if (name.length > LONGEST_NAME)
    throw new ToolStop('limit', `a name of more than ${LONGEST_NAME} characters`);
  return { kind: 'name', text: name };
}

/** Programs know numbers alone: what has members or elements is asked for in vain. */
function unknownCharacter(character: string, before: Lexeme | undefined): ToolStop {
  const reaches =
    (character === '.' || character === '[') && (before?.kind === 'name' || before?.text === ')');
  if (reaches) return new ToolStop('forbidden', 'numbers have no members');
  return new ToolStop('syntax', 'a character that no program has');
}
