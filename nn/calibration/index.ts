export {
  inputStatistics,
  type CalibrationBatch,
  type CalibrationOptions,
  type CalibrationSubject,
} from './measure.js';
export { magnitudePercentile } from './magnitudes.js';
export type { CalibrationStatistics, InputStatistics, Percentile } from './statistics.js';
export { textPositions, type PaddedRows } from './text-positions.js';
export { measured, subLnGains } from './sub-ln-gains.js';
export { outlierTable } from './outlier-table.js';
