import { MERGE } from '../../../../core/contracts/merge.js';
import type { AnyPluginFactory, Plugin } from '../../../../core/contracts/plugin.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { MERGEKIT_METHODS, UNSUPPORTED_MERGEKIT_METHODS } from '../../../../tools/merge/mergekit/methods.js';
import { implementationOf } from '../../../../testing/index.js';

const methods = [...MERGEKIT_METHODS.values()];

async function methodOf(plugin: string) {
  const builtin = BUILTIN_PLUGINS.find(({ point, name }) => point === MERGE.id && name === plugin)!;
  return implementationOf(MERGE, ((await builtin.load()) as AnyPluginFactory & (() => Plugin))());
}

test.each(methods.map((each) => [each.name, each] as const))('%s is there as told', async (name, told) => {
  const { base, parameters = {} } = await methodOf(told.plugin);
  expect(base).toBe(told.base === 'first-model' ? 'unused' : told.base);
  expect(name).toMatch(/^[a-z_]+$/);
  const known = ['weight', ...Object.keys(parameters)];
  for (const parameter of told.required) expect(known).toContain(parameter);
  for (const [parameter, value] of Object.entries(told.defaults)) {
    expect(parameters[parameter]!.default).not.toBe(value);
    expect(typeof parameters[parameter]!.default).toBe(typeof value);
  }
  for (const parameter of told.ignored) expect(known).not.toContain(parameter);
});

/** Formats spec, section 6. */
test('the defaults of mergekit', async () => {
  const defaults: Record<string, Record<string, number | boolean>> = {
    linear: { normalize: true },
    ties: { normalize: true, rescale: false, density: 1, lambda: 1 },
    dare_linear: { normalize: false, rescale: true, density: 1, lambda: 1 },
    dare_ties: { normalize: false, rescale: true, density: 1, lambda: 1 },
    della: { normalize: true, rescale: true, density: 1, epsilon: 0.15, lambda: 1 },
    della_linear: { normalize: false, rescale: true, density: 1, epsilon: 0.15, lambda: 1 },
    breadcrumbs: { normalize: false, gamma: 0.01, density: 1, lambda: 1 },
    breadcrumbs_ties: { normalize: false, gamma: 0.01, density: 1, lambda: 1 },
    task_arithmetic: { normalize: false, lambda: 1 },
    karcher: { max_iter: 10, tol: 1e-5 },
    nuslerp: { nuslerp_flatten: true, nuslerp_row_wise: false },
    model_stock: { filter_wise: false },
    multislerp: { normalize_weights: true, eps: 1e-8 },
    sce: { select_topk: 1 },
    passthrough: { scale: 1 },
  };
  for (const [name, expected] of Object.entries(defaults)) {
    const told = MERGEKIT_METHODS.get(name)!;
    const { parameters = {} } = await methodOf(told.plugin);
    const found = Object.fromEntries(
      Object.keys(expected).map((parameter) => [
        parameter,
        told.defaults[parameter] ?? parameters[parameter]?.default,
      ]),
    );
    expect({ name, ...found }).toEqual({ name, ...expected });
  }
});

test('nothing is both there and not', () => {
  expect([...UNSUPPORTED_MERGEKIT_METHODS].filter((name) => MERGEKIT_METHODS.has(name))).toEqual([]);
});
