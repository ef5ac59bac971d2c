import type { ResultTable } from '../../../core/contracts/phase.js';
import type { TensorFormat } from '../../../core/contracts/quantization.js';
import type { Allocation, Purchase } from './allocate.js';
import type { WeightFormats } from './choices.js';
import type { FormatNames, Restored, Sensitivity } from './sensitivity.js';

/** Formats as a quantization of a model's config has them. @param names of formats by the names of tensors */
export function layerMap(names: FormatNames, formats: WeightFormats): Record<string, TensorFormat> {
  return Object.fromEntries(Object.entries(names).map(([name, format]) => [name, formats[format]!.format]));
}

/** What was bought under a size cap, what each cost and brought, and what did not fit. */
export function purchaseTable({ purchases, refused, bytes, cap, error }: Allocation): ResultTable {
  const row = ({ group, from, to, bytes: more, gain }: Purchase, bought: boolean): string[] => [
    group.name,
    `${from} -> ${to}`,
    `+${counted(more)}`,
    gain.toPrecision(3),
    bought ? 'bought' : 'does not fit',
  ];
  return {
    title: `formats for ${counted(bytes)} of ${counted(cap)} bytes (error left: ${error.toPrecision(3)})`,
    columns: ['group', 'format', 'bytes', 'gain', ''],
    rows: [...purchases.map((each) => row(each, true)), ...refused.map((each) => row(each, false))],
  };
}

/** What was measured of each group, and of the first and last block and the down projections. */
export function sensitivityTable({ base, groups, ablations }: Sensitivity): ResultTable {
  const row = ({ name, bytes, gain }: Restored): string[] => [
    name,
    `+${counted(bytes)}`,
    gain === null ? 'not measured' : signed(gain),
    gain === null || bytes === 0 ? '-' : signed((1024 * gain) / bytes),
  ];
  return {
    title: `loss that goes away with more bits (${base.toFixed(4)} nats without)`,
    columns: ['tensors', 'bytes', 'nats', 'nats per KiB'],
    rows: [...groups, ...ablations].map(row),
  };
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toPrecision(3)}`;
}

function counted(count: number): string {
  return count.toLocaleString('en-US');
}
