import { ARMS, type Estimate } from '../../../../nn/evaluation/index.js';
import type { ArmScores } from './ablation.js';

/** Arms for people to read: right answers with their 95 % interval, and how much better the own thought is. */
export function armsTable({ accuracy, comparisons }: ArmScores): string[] {
  const rows = ARMS.flatMap((arm) => {
    const own = accuracy[arm];
    if (own === undefined) return [];
    const { difference } = (arm === 'with' ? undefined : comparisons[arm]) ?? {};
    return [[arm, share(own.value), range(own, share), ...gain(difference)]];
  });
  if (rows.length === 0) return ['no arm was measured'];
  const table = [['arm', 'accuracy', '95 %', 'with - arm', '95 %'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

function gain(difference: Estimate | undefined): [string, string] {
  return difference === undefined ? ['', ''] : [points(difference.value), range(difference, points)];
}

function range({ low, high }: Estimate, format: (number: number) => string): string {
  return low === null || high === null ? '' : `${format(low)} to ${format(high)}`;
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

/** Percentage points, with their sign. */
function points(value: number): string {
  return `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)}`;
}
