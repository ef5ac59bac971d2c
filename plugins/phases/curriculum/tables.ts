import type { ResultTable } from '../../../core/contracts/phase.js';
import { forgetting } from '../../../nn/curriculum/index.js';
import type { PartClock } from '../shared/part-clock.js';
import { secondsTable } from '../shared/seconds-table.js';
import { comparisonTables } from './comparison/report.js';
import { dreamTables } from './dreams-told.js';
import { valueTables } from './values-told.js';
import { accuracyAt, levelsPassed, meanOfTools, type Judged } from './findings.js';
import { rightIn } from '../shared/thoughts/locked.js';
import type { TimedPart } from './prepare.js';

/**
 * For people: what was learnt, level by level and tool by tool, and what was kept.
 * @param wanted share of the seconds that a comparison is to save
 */
export function tablesOf(
  found: Judged,
  seconds: PartClock<TimedPart>['seconds'],
  wanted: number,
): ResultTable[] {
  return [
    modelTable(found),
    ...(found.comparison === null ? [] : comparisonTables(found.comparison, wanted)),
    levelsTable(found),
    ...(found.tools === null ? [] : [toolsTable(found.tools)]),
    retentionTable(found),
    ...dreamTables(found),
    ...valueTables(found),
    secondsTable(seconds, PART_WORDS),
  ];
}

function modelTable(found: Judged): ResultTable {
  const { before, after, bytes } = found;
  const row = (name: string, size: number, text: number, accuracy: number | null): string[] => [
    name,
    size.toLocaleString('en'),
    Math.exp(text).toFixed(3),
    percent(accuracy),
  ];
  const arm = (name: 'without' | 'other'): string => percent(rightIn(after.examined, name));
  return {
    title: `before and after (right without a thought ${arm('without')}, after another question's ${arm('other')})`,
    columns: ['ternary, packed', 'bytes', 'perplexity of text', 'right after a thought'],
    rows: [
      row('as it came', bytes.before, before.text, before.accuracy),
      row('forged', bytes.after, after.text, rightIn(after.examined, 'with')),
    ],
  };
}

function levelsTable(found: Judged): ResultTable {
  const { assessment } = found.before;
  const words = {
    found: `${percent(assessment.threshold)} right at difficulty ${assessment.baseline.toFixed(0)}`,
    below_range: `less than ${percent(assessment.threshold)} right at difficulty 1`,
    saturated: `${percent(assessment.threshold)} right at difficulty 100`,
  };
  return {
    title: `levels, held-out tasks (before: ${words[assessment.verdict]}; passed: ${levelsPassed(found)} of 10)`,
    columns: [
      'level',
      'difficulty',
      'before',
      'main training',
      'end',
      'epochs',
      'mastered',
      'hints',
      'ended by',
    ],
    rows: found.lists.map(({ name, level, difficulty }) => {
      const result = found.levels.find((one) => one.level === level);
      const at = (moment: string): string => percent(accuracyAt(found.retention, name, moment));
      return [
        ...[String(level), difficulty.toFixed(0), at('before'), at('main training'), at('end')],
        ...(result === undefined
          ? ['-', '-', '-', 'not reached']
          : [
              String(result.epochs.length),
              String(result.mastered),
              String(result.hints),
              ENDED_BY[result.outcome],
            ]),
      ];
    }),
  };
}

const ENDED_BY = {
  accuracy: 'held-out accuracy',
  mastered: 'mastery',
  epochs: 'most epochs',
  'items-left': 'nothing left',
  'hard-wall': 'hard wall: too few right',
  'not-reached': 'not reached',
} as const;

function toolsTable(tools: NonNullable<Judged['tools']>): ResultTable {
  const mean = (of: Parameters<typeof meanOfTools>[1]): string => percent(meanOfTools(tools, of));
  return {
    title:
      `tools on questions, values and manuals that were never seen (called though a manual ` +
      `was no help: ${percent(tools.falseCalls)} of ${tools.plainItems})`,
    columns: [
      'tool',
      'tasks',
      'called rightly with its manual',
      'and answered',
      'called without',
      'known without',
    ],
    rows: [
      ...Object.entries(tools.tools).map(([name, score]) => [
        ...[name, String(score.items), percent(score.called), percent(score.answered)],
        ...[percent(score.calledWithout), percent(score.without)],
      ]),
      [
        ...['mean', '', mean(({ called }) => called), mean(({ answered }) => answered)],
        ...[mean(({ calledWithout }) => calledWithout), mean(({ without }) => without)],
      ],
    ],
  };
}

function retentionTable({ retention }: Judged): ResultTable {
  const lost = forgetting(retention, 'end');
  return {
    title: `what earlier lists keep (forgotten at the end: ${lost === null ? '-' : `${(100 * lost).toFixed(1)} points`})`,
    columns: ['held-out list', ...retention.moments],
    rows: retention.lists.map((name, i) => [name, ...retention.accuracy[i]!.map(percent)]),
  };
}

const PART_WORDS: Readonly<Record<TimedPart, string>> = {
  preparation: 'preparation: model and data',
  before: 'the model that came in, measured',
  assessment: 'assessment',
  comparison: 'optimizers compared',
  forge: 'main training',
  attempts: 'attempts at the tasks of levels',
  levels: 'learning from them',
  dreams: 'dreams after levels',
  retention: 'what earlier levels keep',
  consolidation: 'consolidation',
  values: 'baking of rules',
  packing: 'packing and calibration',
  after: 'the packed model, measured',
};

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}
