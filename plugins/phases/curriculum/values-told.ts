import type { ResultTable } from '../../../core/contracts/phase.js';
import { forgetting } from '../../../nn/curriculum/index.js';
import type { Judged } from './findings.js';
import type { CurriculumOptions } from './options.js';
import { rulesOf, VIRTUES } from './value-options.js';

/** The documented metrics of rules, by the virtue that they are named after. */
export function virtueMetrics(
  { values }: Pick<CurriculumOptions, 'values'>,
  { entries }: Judged['values'],
): Record<string, { readonly value: number | null; readonly reason: string }> {
  const reason =
    rulesOf(values).length === 0 ? 'this stage is switched off' : 'no rule of this name was given';
  const told = VIRTUES.flatMap(({ name }) => {
    const entry = entries.find((one) => one.name === name);
    return [
      [`stage2/virtue_${name}/baking_loss`, { value: entry?.after ?? null, reason }],
      [`stage2/virtue_${name}/baking_iterations`, { value: entry?.steps ?? null, reason }],
    ];
  });
  return Object.fromEntries(told) as ReturnType<typeof virtueMetrics>;
}

/** Of every rule, whatever it is called. */
export function ruleMetrics({ entries }: Judged['values']): Record<string, number> {
  return Object.fromEntries(
    entries.flatMap(({ name, before, after }) => [
      [`values/${name}/kl_before`, before],
      [`values/${name}/kl_after`, after],
    ]),
  );
}

/** For people: rules that were baked, and what was forgotten for them; none where there were none. */
export function valueTables({ values: { entries, retention: before }, retention }: Judged): ResultTable[] {
  if (entries.length === 0) return [];
  const points = (value: number | null): string => (value === null ? '-' : (100 * value).toFixed(1));
  const lost = `${points(forgetting(before, 'consolidation'))} points before, ${points(forgetting(retention, 'end'))} after`;
  return [
    {
      title: `rules that were baked: divergence from the model with the rule in front, held-out (KL, nats; forgotten: ${lost})`,
      columns: ['rule', 'before', 'after', 'tokens', 'updates', 'kept'],
      rows: entries.map(({ name, before: from, after, targets, steps, kept }) => [
        ...[name, from.toFixed(4), after.toFixed(4), String(targets), String(steps)],
        kept ? 'yes' : 'no: it did not fall',
      ]),
    },
  ];
}
