import type { ResultTable } from '../../../core/contracts/phase.js';
import { retentionMatrix } from '../../../nn/cycles/index.js';
import type { Estimate } from '../../../nn/evaluation/index.js';
import type { PartClock } from '../shared/part-clock.js';
import { secondsTable } from '../shared/seconds-table.js';
import { rightIn } from '../shared/thoughts/locked.js';
import { divergenceRemoved, meanOf, type Judged } from './findings.js';
import type { TimedPart } from './prepare.js';
import { FADING } from './tools/questions.js';

/** For people: what the model does now without a prompt, what it cost, and what was forgotten. */
export function tablesOf(found: Judged, seconds: PartClock<TimedPart>['seconds']): ResultTable[] {
  return [
    modelTable(found),
    ...(found.tools.tools.length === 0 ? [] : [toolTable(found), fadingTable(found)]),
    ...(found.personas.names.length === 0 ? [] : [personaTable(found)]),
    ...checkTables(found),
    ledgerTable(found),
    forgettingTable(found),
    ...(found.cycles.results.length === 0 ? [] : [cycleTable(found)]),
    secondsTable(seconds, PART_WORDS),
  ];
}

function modelTable({ before, after, bytes, latency }: Judged): ResultTable {
  const saved =
    latency === null
      ? ''
      : ` (an answer takes ${latency.bakedMs.toFixed(0)} ms, ${latency.promptedMs.toFixed(0)} with a manual of ${latency.tokensSaved.toFixed(0)} tokens)`;
  return {
    title: `before and after${saved}`,
    columns: ['ternary, packed', 'bytes', 'perplexity of text', 'right after a thought', 'without one'],
    rows: [
      ['as it came', bytes.before.toLocaleString('en'), Math.exp(before.text).toFixed(3), '-', '-'],
      [
        ...['baked', bytes.after.toLocaleString('en'), Math.exp(after.text).toFixed(3)],
        ...[percent(rightIn(after.examined, 'with')), percent(rightIn(after.examined, 'without'))],
      ],
    ],
  };
}

function toolTable({ tools: { tools, falseCalls } }: Judged): ResultTable {
  const calls =
    falseCalls === null
      ? 'nothing else was asked'
      : `called where none is needed: ${between(falseCalls.baked)} of ${falseCalls.items}, before ${percent(falseCalls.base.value)}`;
  const mean = (of: (result: (typeof tools)[number]) => Estimate): string =>
    percent(meanOf(tools.map((result) => of(result).value)));
  return {
    title: `tools, called rightly in questions that were never seen (${calls})`,
    columns: ['tool', 'tasks', 'came, no manual', 'came, manual', 'now, no manual', '95 %', 'and answered'],
    rows: [
      ...tools.map(({ tool, items, unprompted, prompted, baked, answered }) => [
        ...[tool, String(items), percent(unprompted.value), percent(prompted.value), percent(baked.value)],
        ...[bounds(baked), percent(answered.value)],
      ]),
      [
        ...[
          'mean',
          '',
          mean(({ unprompted }) => unprompted),
          mean(({ prompted }) => prompted),
          mean(({ baked }) => baked),
        ],
        ...['', mean(({ answered }) => answered)],
      ],
    ],
  };
}

function fadingTable({ tools: { fading } }: Judged): ResultTable {
  const words = { manual: 'manual', short: 'a few words', name: 'its name', none: 'nothing' };
  return {
    title: `while the manual fades (as it came / now, of ${fading[0]?.items ?? 0} questions each)`,
    columns: ['tool', ...FADING.map((form) => words[form])],
    rows: fading.map(({ tool, base, baked }) => [
      tool,
      ...FADING.map((form) => `${percent(base[form])} / ${percent(baked[form])}`),
    ]),
  };
}

function personaTable({
  personas: { names, items, confusion, switching, stability, unaffected },
}: Judged): ResultTable {
  const again = switching === null ? '-' : `${switching.equal} of ${switching.pairs}`;
  const turns = Math.max(0, ...Object.values(stability).map(({ length }) => length));
  const last = (name: string): string => percent(stability[name]?.at(-1) ?? null);
  const mean = (name: string): string => percent(meanOf(stability[name] ?? []));
  return {
    title: `personas, traits shown in ${items} answers (the same after another one spoke: ${again}; answers as none that stayed: ${percent(unaffected)})`,
    columns: ['as', ...names, `${turns} turns`, `turn ${turns}`],
    rows: confusion.map((row, i) => {
      const name = names[i];
      const own = row.map((share) => percent(share));
      return name === undefined ? ['none', ...own, '', ''] : [name, ...own, mean(name), last(name)];
    }),
  };
}

/** What was refused, and why. */
function checkTables({ toolChecks, personaChecks }: Judged): ResultTable[] {
  const rows = [
    ...toolChecks.map(({ tool: name, ...check }) => ({ name, ...check })),
    ...personaChecks.map(({ persona: name, ...check }) => ({ name, ...check })),
  ];
  if (rows.length === 0) return [];
  return [
    {
      title: 'what the model does with a prompt in front, before it is baked',
      columns: ['prompt', 'questions', 'with it', 'without', 'baked'],
      rows: rows.map(({ name, items, prompted, unprompted, refused }) => [
        ...[name, String(items), percent(prompted), percent(unprompted)],
        refused === null ? 'yes' : `no: ${refused}`,
      ]),
    },
  ];
}

function ledgerTable({ standing: { ledger } }: Judged): ResultTable {
  const fit = (value: number | null): string => (value === null ? '-' : value.toFixed(2));
  return {
    title:
      'ledger of bakes (divergence from the prompted model, held-out, nats per token; r2 of likelihoods)',
    columns: [
      'bake',
      'try',
      'updates',
      'KL before',
      'after',
      'removed',
      'r2 before',
      'after',
      'lost most',
      'kept',
    ],
    rows: ledger.map((entry) => {
      const { name, attempt, entries, fit: r2, worst, reason } = entry;
      const lost = worst === null ? '-' : `${worst.points.value.toFixed(1)} points of ${worst.list}`;
      return [
        ...[name, String(attempt), String(entries.reduce((sum, { steps }) => sum + steps, 0))],
        ...[entries[0]?.before.toFixed(4) ?? '-', entries.at(-1)?.after.toFixed(4) ?? '-'],
        ...[percent(divergenceRemoved(entry)), fit(r2.before), fit(r2.after), lost],
        reason === null ? 'yes' : 'no',
      ];
    }),
  };
}

function forgettingTable({ standing: { answers } }: Judged): ResultTable {
  const { lists, moments, accuracy } = retentionMatrix(answers);
  return {
    title: 'what earlier lists keep, after every bake',
    columns: ['held-out list', ...moments],
    rows: lists.map((list, row) => [list, ...moments.map((_, i) => percent(accuracy[row]![i] ?? null))]),
  };
}

function cycleTable({ cycles: { results, ended, plateaus } }: Judged): ResultTable {
  const stopped = ended === 'plateau' ? 'both kinds are on a plateau' : 'there were to be no more';
  const flat = (['a', 'b'] as const).filter((kind) => plateaus[kind]);
  return {
    title: `cycles (${stopped}; on a plateau: ${flat.join(', ') || 'none'})`,
    columns: ['cycle', 'about', 'failed', 'without', 'best prompt', 'gain, at least', 'baked', 'after'],
    rows: results.map(({ cycle, kind, subject, failures, baseline, candidates, winner, baked, improved }) => {
      const best = [...candidates].sort((a, b) => b.found.gain.value - a.found.gain.value)[0];
      return [
        ...[
          `${cycle} (${kind})`,
          subject,
          String(failures),
          percent(baseline),
          percent(best?.found.after ?? null),
        ],
        points(best?.found.gain.low ?? null),
        winner === null ? 'no: none is better for certain' : strengthWords(baked),
        percent(improved),
      ];
    }),
  };
}

function strengthWords(baked: { readonly strength: number | null } | null): string {
  return baked === null ? 'no: taken back' : `to ${(baked.strength ?? 0).toFixed(2)}`;
}

function points(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} points`;
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}

function bounds({ low, high }: Estimate): string {
  return low === null || high === null ? '-' : `${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)}`;
}

function between(estimate: Estimate): string {
  return `${percent(estimate.value)} (${bounds(estimate)})`;
}

const PART_WORDS: Readonly<Record<TimedPart, string>> = {
  preparation: 'preparation: model and data',
  before: 'what prompts do, checked first',
  tools: 'tools: trajectories and bakes',
  lessons: 'lessons about personas',
  personas: 'personas: trajectories and bakes',
  forgetting: 'earlier lists, asked again',
  cycles: 'cycles',
  packing: 'packing and calibration',
  after: 'the packed model, measured',
};
