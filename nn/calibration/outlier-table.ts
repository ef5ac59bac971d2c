import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { ResultTable } from '../../core/contracts/phase.js';
import type { CalibrationStatistics, InputStatistics } from './statistics.js';

const WORST_CHANNELS = 3;

/**
 * Inputs with outliers, worst first: the larger the peak beside the RMS, the fewer of 8 bits are left for the other numbers
 * of a token. Matrices that were not measured come last, with the reason.
 *
 * @param tensors of the model; those without statistics or reason are left out
 * @param most rows of measured matrices. Default all
 */
export function outlierTable(
  { matrices, unmeasured, tokens }: CalibrationStatistics,
  tensors: readonly TensorDescription[],
  most = Infinity,
): ResultTable {
  const measured = tensors.filter(({ name }) => matrices[name] !== undefined);
  const worst = measured
    .map((tensor) => ({ tensor, statistics: matrices[tensor.name]! }))
    .sort((a, b) => spread(b.statistics) - spread(a.statistics));
  const shown = worst.slice(0, most);
  const left = worst.length - shown.length;
  return {
    title: `inputs of ${left > 0 ? `the ${shown.length} of ${worst.length}` : String(worst.length)} matrices with the largest outliers (${tokens.toLocaleString('en-US')} tokens)`,
    columns: [
      'matrix',
      'role',
      'RMS',
      'peak / RMS',
      '99.9 % / RMS',
      'zeros',
      'zeros in int8',
      'worst channels',
    ],
    rows: [
      ...shown.map(({ tensor, statistics }) => rowOf(tensor, statistics)),
      ...tensors
        .filter(({ name }) => unmeasured[name] !== undefined)
        .map(({ name, role }) => [name, role, '-', '-', '-', '-', '-', unmeasured[name]!]),
    ],
  };
}

function rowOf({ name, role }: TensorDescription, statistics: InputStatistics): string[] {
  const { rms, percentiles, zeros, roundedToZero, channelPeaks } = statistics;
  const channels = [...channelPeaks.keys()]
    .sort((a, b) => channelPeaks[b]! - channelPeaks[a]! || a - b)
    .slice(0, WORST_CHANNELS)
    .map((channel) => `${channel} (${times(channelPeaks[channel]!, rms)})`);
  return [
    ...[name, role, rms.toPrecision(3), times(percentiles[100], rms), times(percentiles[99.9], rms)],
    ...[percent(zeros), percent(roundedToZero), channels.join(', ')],
  ];
}

function spread({ peak, rms }: InputStatistics): number {
  return rms === 0 ? 0 : peak / rms;
}

function times(size: number, rms: number): string {
  return rms === 0 ? '-' : `${(size / rms).toFixed(1)}x`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
