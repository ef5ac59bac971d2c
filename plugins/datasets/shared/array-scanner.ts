/** Text of a file with where it begins. */
export interface Line {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** What may come next outside of elements. */
type Expected = 'array' | 'first' | 'element' | 'comma' | 'nothing';

/**
 * Finds the elements of a JSON array that comes in pieces. What is between them is checked here; the elements, which must
 * be objects (or arrays, for whoever reads them to refuse), are given out as text.
 */
export class ArrayScanner {
  /** Line being read, from 1; of an unfinished element the one on which it begins. */
  line = 1;
  private expected: Expected = 'array';
  private depth = 0;
  private inString = false;
  private escaped = false;
  private begun = '';
  private newLines = 0;

  /** @param problem makes the error for a line */
  constructor(private readonly problem: (line: number, message: string) => Error) {}

  /** Characters of the element that is not finished. */
  get unfinished(): number {
    return this.begun.length;
  }

  *read(piece: string): Generator<Line> {
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const character = piece[at]!;
      if (this.depth === 0) {
        if (this.begins(character)) start = at;
      } else if (this.ends(character)) {
        yield this.finish(piece.slice(start, at + 1));
      }
    }
    if (this.depth > 0) this.begun += piece.slice(start);
  }

  /** The element that is never closed, if there is one. */
  *end(): Generator<Line> {
    if (this.depth > 0) yield this.finish('');
    else if (this.expected === 'array') return;
    else if (this.expected !== 'nothing') throw this.problem(this.line, 'not JSON: the array is not closed');
  }

  private finish(last: string): Line {
    const element = { line: this.line, text: this.begun + last };
    this.begun = '';
    this.line += this.newLines;
    this.newLines = 0;
    this.expected = 'comma';
    return element;
  }

  /** Whether the character closes the element. */
  private ends(character: string): boolean {
    if (character === '\n') this.newLines++;
    if (this.escaped) this.escaped = false;
    else if (this.inString) {
      if (character === '\\') this.escaped = true;
      else if (character === '"') this.inString = false;
    } else if (character === '"') this.inString = true;
    else if (character === '{' || character === '[') this.depth++;
    else if (character === '}' || character === ']') this.depth--;
    return this.depth === 0;
  }

  /** Whether the character, outside of elements, begins one. */
  private begins(character: string): boolean {
    if (character === '\n') this.line++;
    if (!/\s/.test(character)) this.between(character);
    return this.depth > 0;
  }

  private between(character: string): void {
    switch (this.expected) {
      case 'array':
        if (character !== '[') throw this.problem(this.line, 'expected an array of records');
        this.expected = 'first';
        return;
      case 'first':
      case 'element':
        if (character === '{' || character === '[') this.depth = 1;
        else if (character === ']' && this.expected === 'first') this.expected = 'nothing';
        else throw this.problem(this.line, 'expected an array of objects only');
        return;
      case 'comma':
        if (character !== ',' && character !== ']')
          throw this.problem(this.line, `not JSON: "${character}" after a record`);
        this.expected = character === ',' ? 'element' : 'nothing';
        return;
      case 'nothing':
        throw this.problem(this.line, `not JSON: "${character}" after the array`);
    }
  }
}
