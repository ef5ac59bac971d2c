export { causalityDifference } from './causality.js';
export { Forwards, type ExtraInputs, type ForwardOutputs, type ForwardSubject } from './forwards.js';
export { outputDivergence, predictionsOf, type Probe } from './predictions.js';
