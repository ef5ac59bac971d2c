import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import type { RatioBounds } from './ratio.js';

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
