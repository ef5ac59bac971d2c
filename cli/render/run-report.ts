import type { ResultTable } from '../../core/contracts/phase.js';
import type { RunDocument } from '../report/run-document.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatValue,
  printable,
  shortHash,
  wrap,
  type Style,
} from '../../plugins/sinks/console/terminal/index.js';
import { gateCount } from './gates.js';
import { shownPath } from './paths.js';
import { renderTable } from './table.js';

export interface RunReportOptions {
  readonly style: Style;
  /** Paths are printed relative to it. */
  readonly cwd: string;
  /** The command to type next, if any. */
  readonly next: string | null;
}

/**
 * The session report: what was made, how well it does, which gates were missed, and where everything is. Samples are
 * not in it: whoever wants to see them has seen them when they were made.
 */
export function renderRunReport(document: RunDocument, options: RunReportOptions): string {
  const { style } = options;
  const sections = [
    headline(document, options),
    phaseSection(document, style),
    modelSection(document, style),
    heldOutSection(document, style),
    ...document.phases.flatMap(({ tables }) => tables.map((table) => resultTable(table, style))),
    gateSection(document, style),
    fileSection(document, options),
    options.next === null ? '' : `${style.cyan('next')}  ${options.next}`,
  ];
  return `\n${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function headline(document: RunDocument, { style, cwd }: RunReportOptions): string {
  const paint = document.ok ? style.green : document.status === 'paused' ? style.yellow : style.red;
  const rate = document.tokensPerSecond === null ? '' : `, ${formatCount(document.tokensPerSecond)} tokens/s`;
  const cost = `${formatDuration(document.durationSeconds)}${rate}, peak memory ${formatBytes(document.peakMemoryBytes)}`;
  const session = `session ${document.sessionId}`;
  const [first = '', ...more] = wrap(`${session} ${document.status} in ${cost}`, style.columns);
  const painted = first
    .replace(session, style.bold)
    .replace(` ${document.status}`, (status) => paint(status));
  const files = wrap(`seed ${document.seed}, files in ${shownPath(document.folder, cwd)}`, style.columns);
  return [painted, ...more, ...files].join('\n');
}

function phaseSection(document: RunDocument, style: Style): string {
  const rows = document.phases.map((phase) => [
    phase.name,
    phase.status,
    phase.durationSeconds === null ? '-' : formatDuration(phase.durationSeconds),
    String(phase.models.length),
    gateCount(phase.gates),
  ]);
  const columns = [
    { title: 'phase', fit: 'clip' as const },
    ...['status', 'took', 'models', 'gates met'].map((title) => ({ title })),
  ];
  return rows.length === 0 ? '' : renderTable(columns, rows, style);
}

function modelSection(document: RunDocument, style: Style): string {
  if (document.models.length === 0) return '';
  const rows = document.models.map((model) => [
    printable(model.name),
    formatCount(model.parameters),
    formatBytes(model.bytes),
    shortHash(model.sha256),
  ]);
  const columns = [
    { title: 'model', fit: 'clip' as const },
    { title: 'parameters', align: 'right' as const },
    { title: 'size', align: 'right' as const },
    { title: 'sha256', worth: 1 },
  ];
  return renderTable(columns, rows, style);
}

/** For every phase a table of its own: each measures on documents of its own. */
function heldOutSection(document: RunDocument, style: Style): string {
  const tables = document.phases.map((phase) => {
    const models = document.models.filter(
      ({ id, heldOut }) => phase.models.includes(id) && heldOut.length > 0,
    );
    return models.length === 0 ? '' : heldOutTable(phase.name, models, style);
  });
  return tables.filter((table) => table !== '').join('\n\n');
}

/** Datasets down, models across, and beside them what knowing only the token frequencies would give. */
function heldOutTable(phase: string, models: RunDocument['models'], style: Style): string {
  const datasets = [...new Set(models.flatMap((model) => model.heldOut.map((entry) => entry.dataset)))];
  const rows = datasets.map((dataset) => {
    const entries = models.map((model) => model.heldOut.find((entry) => entry.dataset === dataset));
    const unigram = entries.find((entry) => (entry?.unigramEntropy ?? null) !== null)?.unigramEntropy ?? null;
    const losses = entries.map((entry) => nats(entry?.loss ?? null));
    return { cells: [printable(dataset ?? 'all'), ...losses], unigram };
  });
  const known = rows.some(({ unigram }) => unigram !== null);
  const right = { align: 'right' as const };
  const columns = [
    { title: 'dataset', fit: 'clip' as const },
    ...models.map((model) => ({ title: printable(model.name), ...right })),
    ...(known ? [{ title: 'unigram', ...right }] : []),
  ];
  const explained = known ? ' (unigram: knowing only how frequent each token is)' : '';
  const head = wrap(`held-out loss of ${printable(phase)}, nats per token${explained}`, style.columns);
  const cells = rows.map((row) => [...row.cells, ...(known ? [nats(row.unigram)] : [])]);
  return `${head.join('\n').replace('held-out loss', style.bold)}\n${renderTable(columns, cells, style)}`;
}

/** What a phase measured and wants to be seen: the first column says of what. */
function resultTable({ title, columns, rows }: ResultTable, style: Style): string {
  const [first = '', ...others] = columns;
  const head = wrap(printable(title), style.columns).map((line) => style.bold(line));
  const shape = [
    { title: printable(first), fit: 'clip' as const },
    ...others.map((column) => ({ title: printable(column), align: 'right' as const })),
  ];
  return `${head.join('\n')}\n${renderTable(
    shape,
    rows.map((row) => row.map(printable)),
    style,
  )}`;
}

function gateSection(document: RunDocument, style: Style): string {
  const gates = document.phases.flatMap((phase) => phase.gates);
  if (gates.length === 0) return '';
  const unmet = gates.filter((gate) => gate.passed !== true);
  const head = `${style.bold('gates')} ${gateCount(gates)} met`;
  if (unmet.length === 0) return head;
  const rows = unmet.map((gate) => [
    `  ${gate.passed === false ? style.red('missed') : style.yellow('unknown')}`,
    printable(gate.name),
    gate.class,
    printable(formatValue(gate.measured)),
    printable(gate.target),
    printable(gate.reason ?? ''),
  ]);
  const columns = [
    { title: '  gate' },
    { title: 'name', fit: 'wrap' as const },
    { title: 'class', worth: 1 },
    { title: 'measured' },
    { title: 'target', fit: 'wrap' as const },
    { title: '', fit: 'wrap' as const },
  ];
  return `${head}\n${renderTable(columns, rows, style)}`;
}

function fileSection(document: RunDocument, { style, cwd }: RunReportOptions): string {
  const rows = document.models.map((model) => {
    const weights = model.files.find((file) => file.purpose === 'weights');
    return [
      printable(model.name),
      weights?.path === undefined || weights.path === null ? '-' : shownPath(weights.path, cwd),
    ];
  });
  const columns = [
    { title: 'model', fit: 'clip' as const },
    { title: 'weights', fit: 'wrap' as const },
  ];
  return rows.length === 0 ? '' : renderTable(columns, rows, style);
}

function nats(value: number | null): string {
  return value === null ? '-' : Number.isFinite(value) ? value.toFixed(3) : formatNumber(value);
}
