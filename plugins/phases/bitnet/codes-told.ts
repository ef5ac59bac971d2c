import type { RecordContext } from '../../../core/contracts/phase.js';
import { recorder } from '../shared/metrics.js';
import type { CodeCount } from '../shared/quantized/flips.js';
import { WATCHED } from './table.js';

/** Emits what counts of codes find. */
export function codesTold(ctx: Pick<RecordContext, 'metric'>): (count: CodeCount) => void {
  const record = recorder(ctx, WATCHED);
  return ({ step, flipRate, matrices }) => {
    for (const { name, zeros, scale } of matrices) {
      const own = { step, labels: { tensor: name } };
      record('recovery/zeros', zeros, own);
      record('recovery/scale', scale, own);
    }
    if (flipRate !== null) record('recovery/flip_rate', flipRate, { step });
  };
}
