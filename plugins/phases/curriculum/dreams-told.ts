import type { ResultTable } from '../../../core/contracts/phase.js';
import type { Judged } from './findings.js';
import type { LevelResult } from './levels.js';
import type { CurriculumOptions } from './options.js';

/** What dreams of a level left of the way from the model before it, as a documented metric. @param level that was reached, if it was */
export function reconstruction(
  { dreams: { arm } }: Pick<CurriculumOptions, 'dreams'>,
  level: Pick<LevelResult, 'dreams'> | undefined,
): { readonly value: number | null; readonly reason: string } {
  const value = level?.dreams?.divergence?.after ?? null;
  if (arm === 'none') return { value, reason: 'this stage is switched off' };
  if (arm === 'usual') return { value, reason: 'the arm without dreams: nothing is learnt from a model' };
  if (level === undefined) return { value, reason: 'the level was not reached' };
  const nothing = level.dreams === null ? 'there is no earlier level' : 'no answer was right and fits a row';
  return { value, reason: nothing };
}

/** For people: what levels learnt of earlier ones when they were over; none where none did. */
export function dreamTables({ levels }: Pick<Judged, 'levels'>): ResultTable[] {
  const dreaming = levels.flatMap(({ level, dreams }) => (dreams === null ? [] : [{ level, dreams }]));
  if (dreaming.length === 0) return [];
  const nats = (value: number | undefined): string => value?.toFixed(4) ?? '-';
  return [
    {
      title: 'after levels: earlier tasks, and how far the model was from itself before the level (KL, nats)',
      columns: ['level', 'arm', 'references', 'dreams', 'right', 'updates', 'KL before', 'after'],
      rows: dreaming.map(({ level, dreams: { arm, real, dreamt, updates, divergence } }) => [
        ...[String(level), arm, String(real), String(dreamt.asked), String(dreamt.right), String(updates)],
        ...[nats(divergence?.before), nats(divergence?.after)],
      ]),
    },
  ];
}
