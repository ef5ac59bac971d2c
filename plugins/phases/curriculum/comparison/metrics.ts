import type { RecordContext } from '../../../../core/contracts/phase.js';
import { recorder } from '../../shared/metrics.js';
import { FORGE_METRICS, OWN_METRICS } from '../table.js';
import type { Comparison } from './compare.js';
import { NOT_COMPARED, percentOf, subjectTime, timesOf } from './report.js';

/** What the subject of a comparison saves, percent; below 0 where it takes longer. */
export const TIME_REDUCTION = 'speedup/bitnet_time_reduction_pct';

/** Emit what every arm saves, and what the subject does; null with the reason where it is not known. @returns the values */
export function tellSavedTimes(
  ctx: Pick<RecordContext, 'metric'>,
  comparison: Comparison | null,
  step: number,
): Readonly<Record<string, number | null>> {
  const forge = recorder(ctx, FORGE_METRICS);
  if (comparison === null) {
    forge(TIME_REDUCTION, null, { step, reason: NOT_COMPARED });
    return {};
  }
  const told = ({ reason }: { readonly reason?: string }) => ({
    step,
    ...(reason === undefined ? {} : { reason }),
  });
  const subject = subjectTime(comparison);
  forge(TIME_REDUCTION, percentOf(subject.reduction), told(subject));
  const values: Record<string, number | null> = { [TIME_REDUCTION]: percentOf(subject.reduction) };
  const own = recorder(ctx, OWN_METRICS);
  for (const [name, time] of Object.entries(timesOf(comparison).arms)) {
    const metric = `comparison/${name}/time_reduction_pct` as const;
    values[metric] = percentOf(time.reduction);
    own(metric, percentOf(time.reduction), told(time));
  }
  return values;
}
