import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { ArmName } from '../../../../nn/evaluation/index.js';
import { withBatchWriters } from '../../../../nn/generation/index.js';
import type { LiveModel } from '../model/open.js';
import type { WorkedData } from './examples.js';
import { askInArms, questionGroups, writerOf, type Examination, type Examined } from './examine.js';

/** Locked questions of known kinds, after a thought, without one, and after the thought of another question. */
export async function lockedThoughts(
  {
    ctx,
    examination,
    worked,
  }: {
    readonly ctx: Pick<PhaseContext, 'engine'>;
    readonly examination: Examination;
    readonly worked: Pick<WorkedData, 'locked'>;
  },
  model: LiveModel,
  { items, rows }: { readonly items: number; readonly rows: number },
): Promise<Examined> {
  const [group] = questionGroups(worked.locked, { items, furtherItems: 0 });
  const arms = { only: ['with', 'without', 'other'], direct: false } as const;
  return withBatchWriters(rows, async (writers) =>
    askInArms(examination, await writerOf(ctx, model, writers), group!, arms),
  );
}

/** Share of right answers in an arm; null where it was not asked. */
export function rightIn({ arms: { arms } }: Examined, arm: ArmName): number | null {
  const own = arms[arm];
  if (own === undefined || own.length === 0) return null;
  return own.filter(({ right }) => right).length / own.length;
}
