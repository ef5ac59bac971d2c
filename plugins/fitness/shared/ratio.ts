import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
/** Bounds of a ratio to the reference. */
export interface RatioBounds {
  readonly minimum: number;
  readonly maximum: number;
  /** Ratios this close to 1 count as 1. */
  readonly snap: number;
}

/** A ratio cut to its bounds; 1 where it differs from 1 by no more than `snap`. */
export function boundedRatio(ratio: number, { minimum, maximum, snap }: RatioBounds): number {
  // 3% is 0.03, but 1.03 - 1 is a little more.
  if (Math.abs(ratio - 1) <= snap + 1e-9) return 1;
  return Math.min(maximum, Math.max(minimum, ratio));
}

/** Options of a term that is a bounded ratio. */
export function ratioOptions({ minimum, maximum, snap }: RatioBounds) {
  return Type.Object(
    {
      minimum: withDefault(Type.Number({ minimum: 0, description: 'Lowest score.' }), minimum),
      maximum: withDefault(Type.Number({ minimum: 0, description: 'Highest score.' }), maximum),
      snap: withDefault(Type.Number({ minimum: 0, description: 'Ratios this close to 1 count as 1.' }), snap),
    },
    { additionalProperties: false },
  );
}
