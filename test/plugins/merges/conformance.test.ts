import { MERGE } from '../../../core/contracts/merge.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import * as merges from '../../../plugins/merges/index.js';
import { implementationOf, mergeConformance } from '../../../testing/index.js';
import { testConformance } from '../../support/conformance.js';
import { closeTo, family, inputOf } from '../../support/merging.js';

/** Defaults are run with every built-in plugin; here is what they leave out. */
const VARIANTS: readonly (readonly [string, Plugin])[] = [
  ['slerp t 0.2', merges.slerp({ t: 0.2 })],
  ['karcher without steps', merges.karcher({ max_iter: 0, tol: 0 })],
  ['nuslerp by row', merges.nuslerp({ nuslerp_flatten: false })],
  ['nuslerp by column', merges.nuslerp({ nuslerp_flatten: false, nuslerp_row_wise: true })],
  ['dare of large differences', merges.dare({ density: 0.3, cautious: false })],
  ['dare keeping everything', merges.dare({ density: 1 })],
  ['dare-linear', merges.dareLinear({ density: 0.4, normalize: true })],
  ['dare-ties', merges.dareTies({ density: 0.4, rescale: false })],
  ['ties by count', merges.ties({ density: 0.5, consensus: 'count', rescale: true, lambda: 0.5 })],
  ['breadcrumbs', merges.breadcrumbs({ density: 0.5, gamma: 0.1, rescale: true })],
  ['breadcrumbs-ties', merges.breadcrumbsTies({ density: 0.7, gamma: 0.4, require_outliers: true })],
  ['della', merges.della({ density: 0.5, epsilon: 0.3 })],
  ['della-linear', merges.dellaLinear({ density: 0.2 })],
  ['model-stock by row', merges.modelStock({ filter_wise: true })],
  ['sce', merges.sce({ select_topk: 0.3 })],
  ['dfs unbalanced', merges.dfs({ balance: false, epsilon: 0 })],
  ['franken at random', merges.franken({ pattern: 'random', seed: 5 })],
  ['franken by map', merges.franken({ layers: [1, 0] })],
];

describe.each(VARIANTS)('%s', (_, plugin) => {
  testConformance(mergeConformance(() => implementationOf(MERGE, plugin)));
});

/** Methods whose result is a symmetric function of the models. */
describe.each([
  ['linear', merges.linear()],
  ['karcher', merges.karcher({ max_iter: 50 })],
  ['slerp', merges.slerp()],
  ['multislerp', merges.multislerp()],
  ['task-arithmetic', merges.taskArithmetic()],
  ['ties', merges.ties({ density: 0.4 })],
  ['breadcrumbs', merges.breadcrumbs({ density: 0.4 })],
  ['model-stock', merges.modelStock()],
  ['sce', merges.sce({ select_topk: 0.5 })],
  ['dfs', merges.dfs()],
] as readonly (readonly [string, Plugin])[])('%s does not care for the order of the models', (_, plugin) => {
  test('the same models, turned round', async () => {
    const method = await implementationOf(MERGE, plugin);
    const { base, models } = family(200, 3);
    const weights = [1, 2, 0.5];
    const one = method.merge(inputOf(method, { models, weights, base }));
    const other = method.merge(
      inputOf(method, { models: [...models].reverse(), weights: [...weights].reverse(), base }),
    );
    closeTo(other, one, 6);
  });
});
