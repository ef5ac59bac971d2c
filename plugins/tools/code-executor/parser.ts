import { ToolStop } from '../shared/outcome.js';
import { lexemesOf, type Lexeme } from './lexer.js';
import { LEVELS, type Block, type Expression, type Operator, type Statement } from './program.js';

const DEEPEST = 32;
const MOST_DIGITS = 10;
const KEYWORDS: readonly string[] = ['if', 'else', 'while', 'repeat', 'print'];

/**
 * The statements of a program.
 *
 * @throws ToolStop `syntax`, `limit` (depth, digits, lengths of names), `forbidden` (calls and members)
 */
export function parseProgram(source: string): Block {
  return new Parser(lexemesOf(source)).program();
}

/** Recursive descent; signs and keywords are looked at one ahead. */
class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly lexemes: readonly Lexeme[]) {}

  program(): Block {
    const statements = this.statements();
    if (this.next.kind !== 'end') throw unexpected();
    return statements;
  }

  private statements(): Block {
    const statements: Statement[] = [];
    for (;;) {
      while (this.accepts(';') || this.accepts('\n'));
      if (this.next.kind === 'end' || this.next.text === '}') return statements;
      statements.push(this.statement());
      this.endOfStatement(statements.at(-1)!);
    }
  }

  /** Nothing needs to stand behind a block. */
  private endOfStatement({ kind }: Statement): void {
    if (kind !== 'assign' && kind !== 'print') return;
    if (this.next.kind !== 'end' && ![';', '\n', '}'].includes(this.next.text)) throw unexpected();
  }

  private statement(): Statement {
    const word = this.name();
    switch (word) {
      case 'print':
        return { kind: 'print', value: this.expression() };
      case 'if':
        return this.conditional();
      case 'while':
        return { kind: 'while', condition: this.expression(), body: this.block() };
      case 'repeat':
        return { kind: 'repeat', count: this.expression(), body: this.block() };
      default:
        return this.assignment(word);
    }
  }

  private conditional(): Statement {
    const condition = this.expression();
    const then = this.block();
    const otherwise = this.next.text === 'else' ? (this.at++, this.block()) : [];
    return { kind: 'if', condition, then, otherwise };
  }

  private assignment(name: string): Statement {
    if (KEYWORDS.includes(name)) throw unexpected();
    if (this.next.text === '(') throw called();
    this.expect('=');
    return { kind: 'assign', name, value: this.expression() };
  }

  private block(): Block {
    return this.deeper(() => {
      this.expect('{');
      const statements = this.statements();
      this.expect('}');
      return statements;
    });
  }

  private expression(): Expression {
    return this.deeper(() => this.level(0));
  }

  private level(level: number): Expression {
    const operators = LEVELS[level] as readonly string[] | undefined;
    if (operators === undefined) return this.signed();
    let left = this.level(level + 1);
    while (this.next.kind === 'sign' && operators.includes(this.next.text)) {
      const operator = this.next.text as Operator;
      this.at++;
      left = { kind: 'operation', operator, left, right: this.level(level + 1) };
    }
    return left;
  }

  private signed(): Expression {
    if (!this.accepts('-')) return this.primary();
    return { kind: 'negation', of: this.deeper(() => this.signed()) };
  }

  private primary(): Expression {
    if (this.accepts('(')) {
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    if (this.next.kind === 'number') return this.number();
    const name = this.name();
    if (KEYWORDS.includes(name)) throw unexpected();
    if (this.next.text === '(') throw called();
    return { kind: 'variable', name };
  }

  private number(): Expression {
    const { text } = this.next;
    if (text.length > MOST_DIGITS) throw new ToolStop('limit', `a number of more than ${MOST_DIGITS} digits`);
    this.at++;
    return { kind: 'number', value: Number(text) };
  }

  private name(): string {
    const { kind, text } = this.next;
    if (kind !== 'name') throw unexpected();
    this.at++;
    return text;
  }

  private deeper<T>(read: () => T): T {
    if (++this.depth > DEEPEST) throw new ToolStop('limit', `nested deeper than ${DEEPEST}`);
    const result = read();
    this.depth--;
    return result;
  }

  private expect(sign: string): void {
    if (!this.accepts(sign)) throw unexpected();
  }

  private accepts(sign: string): boolean {
    const { kind, text } = this.next;
    if (kind !== 'sign' || text !== sign) return false;
    this.at++;
    return true;
  }

  private get next(): Lexeme {
    return this.lexemes[this.at]!;
  }
}

function unexpected(): ToolStop {
  return new ToolStop('syntax', 'not a program');
}

function called(): ToolStop {
  return new ToolStop('forbidden', 'programs call nothing');
}
