import type {
  AccuracyPart,
  Estimate,
  EvaluationPart,
  EvaluationReport,
  EvaluatorPart,
  LossPart,
  Standing,
  TextPart,
} from '../../tools/index.js';
import {
  formatBytes,
  formatCount,
  formatNumber,
  indent,
  narrower,
  plural,
  printable,
  wrap,
  type Style,
} from '../../plugins/sinks/console/terminal/index.js';
import { renderPairs, renderTable, type Column } from './table.js';

const NOTHING = '-';
const right = { align: 'right' } as const;

/** An evaluation for people: what was measured, on what, and what is to be known of it. */
export function renderEvaluation(report: EvaluationReport, style: Style): string {
  const { parts } = report;
  const inner = narrower(style, 2);
  const section = (title: string, body: string): string =>
    body === '' ? '' : `${style.bold(title)}\n${indent(body)}`;
  const sections = [
    heading(report, style),
    section('loss of each token, in nats', lossTable(ofKind(parts, 'loss'), inner)),
    section('texts, every token predicted', textTable(ofKind(parts, 'text'), inner)),
    section('questions answered freely', accuracyTable(ofKind(parts, 'accuracy'), inner)),
    section('evaluators of the config', evaluatorTable(ofKind(parts, 'evaluator'), inner)),
    notes(report, style),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function ofKind<K extends EvaluationPart['kind']>(
  parts: readonly EvaluationPart[],
  kind: K,
): readonly Extract<EvaluationPart, { kind: K }>[] {
  return parts.filter((part): part is Extract<EvaluationPart, { kind: K }> => part.kind === kind);
}

function heading({ model }: EvaluationReport, style: Style): string {
  const { id, folder, architecture, parameters, contextLength, recursionSteps } = model;
  const steps = recursionSteps === 1 ? '' : `, ${recursionSteps} recursion steps`;
  return renderPairs(
    [
      ['model', folder ?? id ?? model.name],
      ['made of', `${architecture}, ${formatCount(parameters)} parameters`],
      ['sees', `${plural(contextLength, 'token')}${steps}`],
    ],
    style,
  );
}

function lossTable(parts: readonly LossPart[], style: Style): string {
  if (parts.length === 0) return '';
  const columns: Column[] = [
    { title: 'dataset', fit: 'clip' },
    { title: 'documents', ...right, worth: 2 },
    { title: 'tokens', ...right, worth: 1 },
    { title: 'loss', ...right },
    { title: '95 %', ...right },
    { title: 'perplexity', ...right, worth: 4 },
    { title: 'bits/byte', ...right, worth: 3 },
  ];
  const rows = parts.map(({ name, documents, tokens, loss, perplexity, bitsPerByte }) => [
    printable(name),
    formatCount(documents),
    formatCount(tokens),
    ...[valueOf(loss), rangeOf(loss), valueOf(perplexity), valueOf(bitsPerByte)],
  ]);
  return renderTable(columns, rows, style);
}

function textTable(parts: readonly TextPart[], style: Style): string {
  if (parts.length === 0) return '';
  const columns: Column[] = [
    { title: 'file', fit: 'clip-middle' },
    { title: 'size', ...right, worth: 2 },
    { title: 'tokens', ...right, worth: 1 },
    { title: 'bits/byte', ...right },
    { title: '95 %', ...right },
    { title: 'nats/character', ...right, worth: 3 },
    { title: 'loss', ...right, worth: 4 },
  ];
  const rows = parts.map(({ name, bytes, tokens, bitsPerByte, natsPerCharacter, loss }) => [
    printable(name),
    formatBytes(bytes),
    formatCount(tokens),
    ...[valueOf(bitsPerByte), rangeOf(bitsPerByte), valueOf(natsPerCharacter), valueOf(loss)],
  ]);
  return renderTable(columns, rows, style);
}

function accuracyTable(parts: readonly AccuracyPart[], style: Style): string {
  if (parts.length === 0) return '';
  const columns: Column[] = [
    { title: 'dataset', fit: 'clip' },
    { title: 'right', ...right },
    { title: 'asked', ...right },
    { title: 'accuracy', ...right },
    { title: '95 %', ...right },
    { title: 'cut off', ...right, worth: 1 },
    { title: 'did not fit', ...right, worth: 2 },
  ];
  const rows = parts.map(({ name, right: correct, asked, accuracy, cut, unfit }) => [
    printable(name),
    ...[correct, asked].map(formatCount),
    accuracy === null ? NOTHING : percent(accuracy.value),
    accuracy === null ? NOTHING : `${percent(accuracy.low!)} to ${percent(accuracy.high!)}`,
    ...[cut, unfit].map(formatCount),
  ]);
  return renderTable(columns, rows, style);
}

function evaluatorTable(parts: readonly EvaluatorPart[], style: Style): string {
  if (parts.length === 0) return '';
  const columns: Column[] = [
    { title: 'evaluator', fit: 'clip' },
    { title: 'score', ...right },
    { title: 'better is' },
  ];
  const rows = parts.map(({ name, score, lowerIsBetter }) => [
    printable(name),
    score === null ? NOTHING : formatNumber(score),
    lowerIsBetter ? 'lower' : 'higher',
  ]);
  return renderTable(columns, rows, style);
}

/** Three digits after the point: more than most intervals bear, and columns stay level. */
function valueOf(estimate: Estimate | null): string {
  return estimate === null ? NOTHING : fixed(estimate.value);
}

function rangeOf(estimate: Estimate | null): string {
  if (estimate?.low == null || estimate.high === null) return NOTHING;
  return `${fixed(estimate.low)} to ${fixed(estimate.high)}`;
}

function fixed(value: number): string {
  return Math.abs(value) < 1000 ? value.toFixed(3) : formatNumber(value);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

const STANDINGS: Readonly<Record<Standing, string>> = {
  locked: 'held out of the training, and of every choice between models',
  'held-out': 'held out of the training; the model may have been chosen by it',
  other: 'not among the data of the training, all of it but what repeats that',
  unknown: 'nobody recorded what the model was trained on: it may have seen this',
};

function notes(report: EvaluationReport, style: Style): string {
  const lines = [
    ...standings(report.parts),
    ...howMeasured(report),
    ...report.parts.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}.`])),
  ];
  const warnings = [
    ...report.warnings,
    ...(report.complete ? [] : ['It was stopped: not everything was measured.']),
  ];
  return [
    ...lines.flatMap((line) => wrap(printable(line), style.columns).map(style.dim)),
    ...warnings.map((text) => `${style.yellow('warning')} ${printable(text)}`),
  ].join('\n');
}

/** What is known of the data, datasets of one standing together. */
function standings(parts: readonly EvaluationPart[]): string[] {
  const names = new Map<Standing, Set<string>>();
  for (const part of parts) {
    if (part.kind !== 'loss' && part.kind !== 'accuracy') continue;
    if (!names.has(part.standing)) names.set(part.standing, new Set());
    names.get(part.standing)!.add(part.name);
  }
  return [...names].map(([standing, of]) => `${[...of].join(', ')}: ${STANDINGS[standing]}.`);
}

function howMeasured({ model, settings, parts }: EvaluationReport): string[] {
  const { lossStep, answerStep, maxTokens, context, stride, answerOnly } = settings;
  const has = (kind: EvaluationPart['kind']): boolean => parts.some((part) => part.kind === kind);
  const recursive = model.recursionSteps > 1;
  const step = recursive ? ` of recursion step ${lossStep} of ${model.recursionSteps}` : '';
  const by = !recursive
    ? ''
    : answerStep === null
      ? ', each token at the step that the halting rule chooses'
      : ` at recursion step ${answerStep}`;
  return [
    ...(has('loss') || has('text')
      ? [
          `Losses are${step || ' those'} over windows of ${context} tokens, ${stride} apart${has('loss') && answerOnly ? '; of questions only the answers count' : ''}.`,
        ]
      : []),
    ...(has('accuracy') ? [`Answers are greedy, of at most ${plural(maxTokens, 'token')}${by}.`] : []),
  ];
}
