export { deltasOf, type Block, type BlockSource } from './blocks.js';
export { fuseImportant } from './fusion.js';
export { gramOf, normOf, type Gram } from './gram.js';
export {
  givenImportance,
  importanceMean,
  squaredDeltas,
  type Importance,
  type ImportanceSettings,
} from './importance-mean.js';
export { mixDeltas, type MixSettings, type TaskVector } from './mix-deltas.js';
export { defaultParameters, type ParameterValues } from './parameters.js';
export { bernoulliMask, rankedMask, type RankedSettings } from './random-masks.js';
export { magnitudeAtRank, rankCut, type RankCut } from './rank-cut.js';
export { energyShares, varianceTrim } from './select-variance.js';
export { slerpVectors, type VectorAxis } from './slerp-vectors.js';
export {
  karcherCoefficients,
  normalizedMeanCoefficients,
  slerpCoefficients,
  slerpOf,
  type KarcherSettings,
} from './sphere.js';
export { magnitudeTrim, maskTrim, outlierTrim, rescaleL1, type OutlierSettings, type Trim } from './trim.js';
export { shares, weightedSum } from './weighted-sum.js';
