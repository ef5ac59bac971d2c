import type { Terminal } from '../../core/contracts/terminal.js';
import type { ForgeError, Problem } from '../../core/errors/index.js';
import { indent, plural, printable } from '../../plugins/sinks/console/terminal/plain-text.js';
import { styleOf, type Style } from '../../plugins/sinks/console/terminal/style.js';
import { causesOf, isErrorLike } from '../thrown.js';
import { messageOf } from '../../core/errors/message-of.js';

export interface RenderErrorOptions {
  readonly terminal: Pick<Terminal, 'colour'>;
  /** Stack traces too. */
  readonly debug: boolean;
}

/** An error for people: code, what, where, each problem, what to do; the stack only when debugging. */
export function renderError(error: ForgeError, options: RenderErrorOptions): string {
  const style = styleOf(options.terminal);
  const lines = [`${style.red('error')} ${style.bold(error.code)}  ${printable(error.message)}`];
  if (error.at !== undefined) lines.push(`  at ${printable(error.at)}`);
  if (error.problems.length > 0) lines.push('', ...problemLines(error.problems, style));
  lines.push(...causeLines(error, style));
  if (error.fix !== undefined)
    lines.push('', `${style.cyan('fix')}  ${indent(printable(error.fix), '     ').trimStart()}`);
  if (options.debug) lines.push('', ...stackLines(error, style));
  else if (error.code === 'AF_INTERNAL') lines.push('', style.dim('--debug prints the stack trace.'));
  return `${lines.join('\n')}\n`;
}

/** The same facts for machines. */
export function errorDocument(error: ForgeError): Readonly<Record<string, unknown>> {
  return {
    code: error.code,
    message: error.message,
    at: error.at ?? null,
    fix: error.fix ?? null,
    problems: error.problems,
    facts: error.facts,
    causes: causesOf(error).map(messageOf),
  };
}

/** Problems as a numbered list: place and message, then expected, found, suggestion and fix in columns. */
export function numberedProblems(problems: readonly Problem[], style: Style): readonly string[] {
  return problems.flatMap((problem, index) => problemBlock(problem, index, style));
}

/** The same below their count, where there are several. */
export function problemLines(problems: readonly Problem[], style: Style): readonly string[] {
  const lines = numberedProblems(problems, style);
  return problems.length > 1 ? [`  ${plural(problems.length, 'problem')}:`, ...lines] : lines;
}

function problemBlock(problem: Problem, index: number, style: Style): readonly string[] {
  const detail = (label: string, value: string | undefined): readonly string[] =>
    value === undefined
      ? []
      : [`       ${style.dim(label.padEnd(12))} ${indent(printable(value), ' '.repeat(20)).trimStart()}`];
  const source = problem.source === undefined ? '' : style.dim(` (${printable(problem.source)})`);
  return [
    `  ${index + 1}. ${style.bold(printable(problem.at))}: ${printable(problem.message)}${source}`,
    ...detail('expected', problem.expected),
    ...detail('found', problem.found),
    ...detail('did you mean', problem.suggestion === undefined ? undefined : `${problem.suggestion}?`),
    ...detail('fix', problem.fix),
  ];
}

/** Causes that add something: messages often repeat that of their cause. */
function causeLines(error: ForgeError, style: Style): readonly string[] {
  const said = [error.message];
  const lines: string[] = [];
  for (const message of causesOf(error).map(messageOf)) {
    if (said.some((earlier) => earlier.includes(message))) continue;
    said.push(message);
    lines.push(`  ${style.dim('because')} ${indent(printable(message), ' '.repeat(10)).trimStart()}`);
  }
  return lines;
}

function stackLines(error: ForgeError, style: Style): readonly string[] {
  const stacks = [error, ...causesOf(error)].map((link) => (isErrorLike(link) ? link.stack : undefined));
  return stacks
    .filter((stack) => stack !== undefined)
    .map((stack) => style.dim(indent(printable(stack), '  ')));
}
