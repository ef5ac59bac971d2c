import type { ResultTable } from '../../../core/contracts/phase.js';
import { ARMS, type ArmName } from '../../../nn/evaluation/index.js';
import type { PartClock } from '../shared/part-clock.js';
import { secondsTable } from '../shared/seconds-table.js';
import type { Findings, ReportedPart } from './conclude.js';
import type { TimedPart } from './prepare.js';

const ARM_WORDS: Readonly<Record<ArmName, string>> = {
  with: 'its own thought',
  without: 'no thought',
  other: "another question's thought",
  random: 'random tokens',
  filler: 'full stops',
  control: 'a control that never thought',
};

/** For people: what thoughts are worth, on questions and on text. */
export function tablesOf(
  reports: readonly ReportedPart[],
  findings: Pick<Findings, 'text'>,
  seconds: PartClock<TimedPart>['seconds'],
): ResultTable[] {
  return [armsTable(reports), hardTokens(findings), secondsTable(seconds, PART_WORDS)];
}

/** Arms down, groups of questions across. */
function armsTable(reports: readonly ReportedPart[]): ResultTable {
  const columns = reports.flatMap(({ part, report }) => [`${part} (${report.items})`, '95 %']);
  const rows = ARMS.map((arm) => [
    ARM_WORDS[arm],
    ...reports.flatMap(({ report }) => {
      const own = report.accuracy[arm];
      return own === undefined
        ? ['-', '']
        : [percent(own.value), `${percent(own.low)} to ${percent(own.high)}`];
    }),
  ]);
  return {
    title: 'held-out questions answered rightly, by what stands before the answer',
    columns: ['', ...columns],
    rows,
  };
}

function hardTokens({ text }: Pick<Findings, 'text'>): ResultTable {
  const { items, lossWith, lossWithout, accuracyWith, accuracyWithout } = text.thinking;
  return {
    title: `the next token where the model is most unsure (${items.length} places of held-out text)`,
    columns: ['', 'loss, nats', 'right'],
    rows: [
      ['after a thought', nats(lossWith), percent(accuracyWith)],
      ['without', nats(lossWithout), percent(accuracyWithout)],
    ],
  };
}

const PART_WORDS: Readonly<Record<TimedPart, string>> = {
  preparation: 'preparation: model and data',
  ordinary: 'ordinary text, before and after',
  thoughts: 'step 1, thoughts',
  control: 'step 1, the control',
  thinking: 'step 2',
  choice: 'the choice between the steps',
  examination: 'the examination',
  samples: 'several thoughts about one question',
  text: 'thoughts at hard places of text',
  latency: 'the time of a prediction',
};

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}

function nats(loss: number | null): string {
  return loss === null ? '-' : loss.toFixed(3);
}
