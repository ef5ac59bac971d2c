export { allocate, type AllocateOptions, type Allocation, type Purchase } from './allocate.js';
export { capProblems, leastBytes, requireCap, type SizeCap } from './cap.js';
export {
  choiceProblems,
  formatChoices,
  LADDER,
  type FormatRules,
  type TensorChoice,
  type WeightFormat,
  type WeightFormats,
} from './choices.js';
export { formatErrors, type FormatErrors, type InputPowers } from './errors.js';
export { groupsOf, type TensorGroup } from './groups.js';
export { pinOf, pinProblems, type FormatPins, type Pin } from './pins.js';
export {
  measureSensitivity,
  smallestFormats,
  type FormatNames,
  type Restored,
  type Sensitivity,
  type SensitivityOptions,
} from './sensitivity.js';
export { layerMap, purchaseTable, sensitivityTable } from './tables.js';
