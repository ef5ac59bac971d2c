import { ToolStop, type Steps } from '../shared/outcome.js';
import { negated, OPERATIONS, rational, type Operator, type Rational } from './rational.js';

const DEEPEST = 32;
const MOST_DIGITS = 15;

/** Operators by how tightly they bind, loosest first; all are left-associative. */
const LEVELS: readonly (readonly string[])[] = [
  ['+', '-'],
  ['*', '/'],
];

/**
 * The exact value of an arithmetic expression: decimal numbers, + - * / and parentheses, minus as a sign.
 *
 * @throws ToolStop `syntax`, `arithmetic` (division by zero), `limit` (depth, digits, steps)
 */
export function valueOf(source: string, steps: Steps): Rational {
  return new ExpressionReader(source, steps).whole();
}

/** Recursive descent that computes while it reads. */
class ExpressionReader {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly source: string,
    private readonly steps: Steps,
  ) {}

  whole(): Rational {
    const value = this.level(0);
    if (this.peek() !== '') throw this.unexpected();
    return value;
  }

  private level(level: number): Rational {
    const operators = LEVELS[level];
    if (operators === undefined) return this.signed();
    let value = this.level(level + 1);
    for (let next = this.peek(); operators.includes(next); next = this.peek()) {
      this.at++;
      this.steps.take();
      value = OPERATIONS[next as Operator](value, this.level(level + 1));
    }
    return value;
  }

  private signed(): Rational {
    if (this.peek() !== '-') return this.primary();
    this.at++;
    return negated(this.deeper(() => this.signed()));
  }

  private primary(): Rational {
    if (this.peek() !== '(') return this.number();
    this.at++;
    const value = this.deeper(() => this.level(0));
    if (this.peek() !== ')') throw this.unexpected();
    this.at++;
    return value;
  }

  private number(): Rational {
    const pattern = /[0-9]+(?:\.([0-9]+))?/y;
    this.peek();
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.source);
    if (match === null) throw this.unexpected();
    const digits = match[0].replace('.', '');
    if (digits.length > MOST_DIGITS)
      throw new ToolStop('limit', `a number of more than ${MOST_DIGITS} digits`);
    this.at = pattern.lastIndex;
    return rational(BigInt(digits), 10n ** BigInt(match[1]?.length ?? 0));
  }

  private deeper(read: () => Rational): Rational {
    this.steps.take();
    if (++this.depth > DEEPEST) throw new ToolStop('limit', `nested deeper than ${DEEPEST}`);
    const value = read();
    this.depth--;
    return value;
  }

  /** The next character that is no space; empty at the end. */
  private peek(): string {
    while (this.source[this.at] === ' ') this.at++;
    return this.source[this.at] ?? '';
  }

  private unexpected(): ToolStop {
    const found = this.peek();
    return new ToolStop('syntax', found === '' ? 'unexpected end' : `unexpected character ${this.at + 1}`);
  }
}
