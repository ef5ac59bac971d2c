import type { ResultTable } from '../../../core/contracts/phase.js';
import { purchaseTable, sensitivityTable } from '../../../nn/quantization/index.js';
import type { PartClock } from '../shared/part-clock.js';
import { secondsTable } from '../shared/seconds-table.js';
import type { TheaterReport } from '../shared/theater/index.js';
import type { Findings } from './conclude.js';
import { perplexity } from './measure.js';
import type { Quality, Sizes } from './numbers.js';
import type { TimedPart } from './prepare.js';

/** For people: what the model weighs, what it lost and what it kept. */
export function tablesOf(
  findings: Findings,
  { sizes, quality, theater }: { sizes: Sizes; quality: Quality; theater: TheaterReport },
  seconds: PartClock<TimedPart>['seconds'],
): ResultTable[] {
  return [
    modelsTable(findings, sizes, quality),
    sizeTable(findings, sizes),
    ...mixedTables(findings),
    findings.start.outliers,
    thoughtsTable(theater),
    secondsTable(seconds, PART_WORDS),
  ];
}

function modelsTable(
  { before, untrained, after, speed }: Findings,
  sizes: Sizes,
  quality: Quality,
): ResultTable {
  const row = (name: string, { losses, answers }: Findings['before'], bytes: number | null) => [
    name,
    bytes === null ? '-' : bytes.toLocaleString('en'),
    bytes === null ? '-' : `${(sizes.before / bytes).toFixed(2)}x`,
    perplexity(losses.text).toFixed(3),
    losses.questions?.toFixed(3) ?? '-',
    answers.with === null ? '-' : `${percent(answers.with)} of ${answers.items}`,
  ];
  const rows = [
    row('float32, as it came', before, sizes.before),
    row('quantised, untrained', untrained, null),
    row('ternary, packed', after, sizes.after),
  ];
  const kept = [
    `retention ${percent(quality.retention)}`,
    `perplexity ${signed(quality.rise)}`,
    `recovered ${percent(quality.recovered)}`,
    ...(speed === null ? [] : [`decoding ${speed.ratio.toFixed(2)}x as fast`]),
  ];
  return {
    title: `before and after (${kept.join(', ')})`,
    columns: ['', 'bytes', 'smaller', 'perplexity', 'worked answers, nats', 'right after a thought'],
    rows,
  };
}

/** What more bits were worth; nothing where nobody asked. */
function mixedTables({ mixed: { sensitivity, allocation } }: Findings): ResultTable[] {
  return [
    ...(sensitivity === null ? [] : [sensitivityTable(sensitivity)]),
    ...(allocation === null ? [] : [purchaseTable(allocation)]),
  ];
}

function sizeTable({ packed }: Findings, sizes: Sizes): ResultTable {
  const groups = new Map<string, { tensors: number; weights: number; bytes: number }>();
  for (const { tensor, format, compressed } of packed.tensors) {
    const before = groups.get(format.use) ?? { tensors: 0, weights: 0, bytes: 0 };
    groups.set(format.use, {
      tensors: before.tensors + 1,
      weights: before.weights + tensor.shape.reduce((a, b) => a * b, 1),
      bytes: before.bytes + compressed.bytes.byteLength,
    });
  }
  const inside = [...groups].map(([name, { tensors, weights, bytes }]) => [
    name,
    String(tensors),
    weights.toLocaleString('en'),
    bytes.toLocaleString('en'),
    ((8 * bytes) / weights).toFixed(3),
  ]);
  const all = [...groups.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const with_ = (bytes: number): number => bytes + sizes.tokenizer;
  return {
    title:
      `what the file holds (${(sizes.before / 2 / sizes.after).toFixed(2)}x smaller than half floats; with its ` +
      `tokenizer ${(with_(sizes.before) / with_(sizes.after)).toFixed(2)}x smaller than floats)`,
    columns: ['', 'tensors', 'weights', 'bytes', 'bits per weight'],
    rows: [...inside, ['header and checksums', '', '', (sizes.after - all).toLocaleString('en'), '']],
  };
}

function thoughtsTable({ accuracy, comparisons, tests }: TheaterReport): ResultTable {
  const share = (arm: 'with' | 'without') => {
    const own = accuracy[arm];
    return own === undefined
      ? ['-', '']
      : [percent(own.value), `${percent(own.low)} to ${percent(own.high)}`];
  };
  const help = comparisons.without?.difference;
  const names = ['T1_divergence', 'T2_ablation'];
  return {
    title: 'whether thoughts still help, from the packed weights',
    columns: ['', 'measured', '95 %'],
    rows: [
      ['right after its own thought', ...share('with')],
      ['right without', ...share('without')],
      [
        'difference',
        help === undefined ? '-' : percent(help.value),
        help === undefined ? '' : `${percent(help.low)} to ${percent(help.high)}`,
      ],
      ...tests
        .filter(({ name }) => names.includes(name))
        .map(({ name, value, passed }) => [
          name,
          value === null ? '-' : value.toFixed(3),
          passed === null ? 'not measured' : passed ? 'passed' : 'missed',
        ]),
    ],
  };
}

const PART_WORDS: Readonly<Record<TimedPart, string>> = {
  preparation: 'preparation: model and data',
  before: 'the float model, measured',
  calibration: 'calibration',
  untrained: 'quantised without training, measured',
  recovery: 'training',
  mixed: 'more bits where they count',
  packing: 'packing and storing',
  after: 'the packed model, measured',
  speed: 'the time of a token',
};

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}

function signed(share: number): string {
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
}
