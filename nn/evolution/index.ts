export { askCmaEs, defaultPopulation, startCmaEs, tellCmaEs, type CmaEsState } from './cma-es.js';
export { uniformShares, innerProduct, spreadOf, type Spread } from './geometry.js';
export { symmetricEigen, type Eigen } from './symmetric-eigen.js';
