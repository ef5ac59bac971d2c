import type { LifecycleEvent, LogEvent } from '../../../core/contracts/sink.js';
import type { Verbosity } from '../../../core/contracts/terminal.js';
import {
  formatCount,
  formatDuration,
  formatValue,
  indent,
  printable,
  shortHash,
  type Style,
} from './terminal/index.js';

export interface DescribeOptions {
  readonly verbosity: Verbosity;
  readonly style: Style;
  readonly samples: boolean;
}

type Facts = LifecycleEvent['facts'];
type Describe = (event: LifecycleEvent, options: DescribeOptions) => readonly string[];

/** The lines to print for an event; none for what does not concern a person at this verbosity. */
export function describeEvent(event: LogEvent | LifecycleEvent, options: DescribeOptions): readonly string[] {
  if (event.type === 'log') return describeLog(event, options);
  if (options.verbosity === 'quiet' && !isTrouble(event)) return [];
  const own = Object.hasOwn(DESCRIPTIONS, event.event) ? DESCRIPTIONS[event.event] : undefined;
  return (own ?? describePlainly)(event, options);
}

function describeLog(event: LogEvent, { verbosity, style }: DescribeOptions): readonly string[] {
  if (event.level === 'debug' && verbosity !== 'debug') return [];
  if (event.level === 'info' && verbosity === 'quiet') return [];
  const message = printable(event.message);
  const lines = [LEVELS[event.level](message, style)];
  if (verbosity === 'debug') lines.push(...factLines({ source: event.source, ...event.facts }, style));
  return lines;
}

const LEVELS: Readonly<Record<LogEvent['level'], (message: string, style: Style) => string>> = {
  debug: (message, style) => style.dim(message),
  info: (message) => message,
  warn: (message, style) => `${style.yellow('warning')} ${message}`,
  error: (message, style) => `${style.red('error')} ${message}`,
};

/** Those of the kernel; plugins may have others. */
const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  'session-start': ({ facts }, { style }) => [
    `session ${style.bold(text(facts, 'sessionId'))}${facts['resumed'] === true ? style.yellow(' resumed') : ''}`,
  ],
  // Its phases have ended before it, and whoever started the run has the report.
  'session-end': () => [],
  'phase-start': describePhaseStart,
  'phase-end': describePhaseEnd,
  checkpoint: ({ phase, facts }, { verbosity, style }) =>
    verbosity === 'debug' ? [style.dim(`checkpoint ${phase ?? ''}${scalars(facts, ['phase'])}`)] : [],
  gate: describeGate,
  handoff: ({ facts }, { verbosity, style }) =>
    verbosity === 'debug' ? [style.dim(`handoff${scalars(facts, [])}`)] : [],
  alert: describeAlert,
  model: describeModel,
  sample: describeSample,
  pause: ({ phase }, { style }) => [`${style.yellow('paused')} ${phase ?? ''}`.trimEnd()],
  resume: ({ phase }) => [`resumed at phase ${phase ?? 'the end'}`],
  rollback: ({ facts }, { style }) => [`${style.yellow('rolled back')}${scalars(facts, [])}`],
};

function describePhaseStart({ phase, facts }: LifecycleEvent, { style }: DescribeOptions): readonly string[] {
  const { index, total } = facts;
  const place = typeof index === 'number' && typeof total === 'number' ? ` (${index + 1} of ${total})` : '';
  const resumed = facts['resumed'] === true ? style.yellow(' resumed') : '';
  return ['', `${style.bold(`phase ${phase ?? ''}`)}${place}${resumed}`];
}

/** An alert in the words of the phase, or trouble with the decision that was taken about it. */
function describeAlert({ facts }: LifecycleEvent, { style }: DescribeOptions): readonly string[] {
  const what = 'message' in facts ? 'message' : 'trouble';
  return [`${alertLabel(facts, style)} ${text(facts, what)}${style.dim(scalars(facts, [what, 'severity']))}`];
}

function alertLabel({ severity }: Facts, style: Style): string {
  if (severity === 'critical') return style.red('critical alert');
  return severity === 'info' ? style.cyan('note') : style.yellow('alert');
}

function isTrouble({ event, facts }: LifecycleEvent): boolean {
  return event === 'alert' && facts['severity'] !== 'info';
}

/** An event of a plugin: its name and its plain facts. */
function describePlainly({ event, facts }: LifecycleEvent, { style }: DescribeOptions): readonly string[] {
  return [`${style.bold(printable(event))}${style.dim(scalars(facts, []))}`];
}

function describePhaseEnd({ phase, facts }: LifecycleEvent, { style }: DescribeOptions): readonly string[] {
  const seconds = facts['seconds'] ?? facts['duration_seconds'];
  const took = typeof seconds === 'number' ? ` in ${formatDuration(seconds)}` : '';
  const status = facts['status'];
  const ended = typeof status === 'string' ? status : 'done';
  return [`${style.bold(`phase ${phase ?? ''}`)} ${ended}${took}`];
}

function describeGate({ facts }: LifecycleEvent, { style }: DescribeOptions): readonly string[] {
  const passed = facts['passed'];
  const verdict =
    passed === true
      ? style.green('met    ')
      : passed === false
        ? style.red('missed ')
        : style.yellow('unknown');
  const reason = typeof facts['reason'] === 'string' ? style.dim(` (${printable(facts['reason'])})`) : '';
  const measured = `measured ${formatValue(facts['measured'])}, target ${text(facts, 'target')}`;
  return [`  gate ${verdict} ${text(facts, 'name')}  ${measured}${reason}`];
}

function describeModel({ facts }: LifecycleEvent, { style }: DescribeOptions): readonly string[] {
  const parameters = facts['parameters'];
  const sha256 = facts['sha256'];
  const size = typeof parameters === 'number' ? `  ${formatCount(parameters)} parameters` : '';
  const hash = typeof sha256 === 'string' ? `  sha256 ${shortHash(sha256)}` : '';
  return [`  model ${style.cyan(text(facts, 'name'))}${size}${style.dim(hash)}`];
}

function describeSample({ facts }: LifecycleEvent, options: DescribeOptions): readonly string[] {
  if (!options.samples) return [];
  const { style } = options;
  const model = typeof facts['model'] === 'string' ? ` from ${style.cyan(printable(facts['model']))}` : '';
  const prompt = typeof facts['prompt'] === 'string' ? style.dim(printable(facts['prompt'])) : '';
  return [`  sample${model}`, indent(prompt + text(facts, 'text'), '  | ')];
}

function text(facts: Facts, name: string): string {
  return name in facts ? printable(formatValue(facts[name])) : '';
}

/** `  name value  name value` of the facts that are plain values. */
function scalars(facts: Facts, except: readonly string[]): string {
  return Object.entries(facts)
    .filter(([name, value]) => !except.includes(name) && isScalar(value))
    .map(([name, value]) => `  ${name} ${printable(formatValue(value))}`)
    .join('');
}

function factLines(facts: Facts, style: Style): readonly string[] {
  return Object.entries(facts).map(([name, value]) =>
    style.dim(`    ${name}: ${printable(formatValue(value))}`),
  );
}

function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}
