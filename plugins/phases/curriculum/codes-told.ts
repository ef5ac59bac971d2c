import type { RecordContext } from '../../../core/contracts/phase.js';
import { recorder } from '../shared/metrics.js';
import type { CodeCount } from '../shared/quantized/flips.js';
import { FORGE_METRICS } from './table.js';

/** Emits what counts of codes find: means over the matrices. */
export function codesTold(ctx: Pick<RecordContext, 'metric'>): (count: CodeCount) => void {
  const record = recorder(ctx, FORGE_METRICS);
  return ({ step, flipRate, matrices }) => {
    if (matrices.length === 0) return;
    const scales = matrices.map(({ scale }) => scale);
    const mean = average(scales);
    record('bitnet/zero_fraction', average(matrices.map(({ zeros }) => zeros)), { step });
    record('bitnet/scale_mean', mean, { step });
    record('bitnet/scale_std', Math.sqrt(average(scales.map((scale) => (scale - mean) ** 2))), { step });
    if (flipRate !== null) record('bitnet/flip_rate', flipRate, { step });
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
