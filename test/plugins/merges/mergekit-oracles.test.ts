import type { TensorDict } from '../../../core/contracts/tensor.js';
import { MERGE } from '../../../core/contracts/merge.js';
import { BUILTIN_PLUGINS } from '../../../plugins/catalogue.js';
import type { AnyPluginFactory, Plugin } from '../../../core/contracts/plugin.js';
import { MERGEKIT_METHODS } from '../../../tools/merge/mergekit/methods.js';
import { implementationOf } from '../../../testing/index.js';
import { inputOf } from '../../support/merging.js';
import { readOracle } from '../../support/oracle-tensors.js';
import { oracles } from '../../support/oracles.js';

const folder = oracles('mergekit');

type Parameters = Readonly<Record<string, number | boolean>>;

/** One of the YAML files, its parameters evaluated by hand for each tensor. */
interface Evaluated {
  readonly method: string;
  readonly models: readonly string[];
  readonly base?: string;
  readonly weights?: readonly number[];
  readonly parameters?: (tensor: string) => Parameters;
  readonly perModel?: readonly Parameters[];
  /** Where the tensor of this name is read; by default under the same name. */
  readonly source?: (tensor: string) => { readonly models: readonly string[]; readonly name: string };
  /** bfloat16 output: one step of its 8 bits. */
  readonly relative?: number;
}

const THREE = { models: ['a', 'b', 'c'], weights: [0.5, 0.3, 0.4] };
const BASED = { ...THREE, base: 'base' };
const DENSITIES = [{ density: 0.4 }, { density: 0.6 }, { density: 0.5 }];
const CRUMBS = DENSITIES.map((each) => ({ ...each, gamma: 0.05 }));

/** t of slerp-gradient-filters.yml: two layers, so a gradient's first and last value. */
function gradientT(tensor: string): Parameters {
  const last = tensor.includes('layers.1.');
  if (tensor.includes('self_attn')) return { t: last ? 1 : 0 };
  if (tensor.includes('mlp')) return { t: last ? 0.25 : 1 };
  return { t: 0.5 };
}

/** passthrough-stack.yml: layers 0 and 1 of a, layer 1 of b; what comes after the layers is b's. */
function stacked(tensor: string): { readonly models: readonly string[]; readonly name: string } {
  if (tensor.includes('layers.2.')) return { models: ['b'], name: tensor.replace('layers.2.', 'layers.1.') };
  return { models: [/^(lm_head|model\.norm)/.test(tensor) ? 'b' : 'a'], name: tensor };
}

const CASES: Readonly<Record<string, Evaluated>> = {
  'arcee-fusion': { method: 'arcee_fusion', models: ['b'], base: 'a' },
  breadcrumbs: { method: 'breadcrumbs', ...BASED, perModel: CRUMBS },
  'breadcrumbs-ties': { method: 'breadcrumbs_ties', ...BASED, perModel: CRUMBS },
  karcher: { method: 'karcher', models: ['a', 'b', 'c'] },
  linear: { method: 'linear', ...THREE },
  'linear-bf16': { method: 'linear', models: ['a', 'b'], weights: [0.5, 0.3], relative: 2 ** -8 },
  'linear-unnormalized': { method: 'linear', ...THREE, parameters: () => ({ normalize: false }) },
  'model-stock': { method: 'model_stock', models: ['a', 'b', 'c'], base: 'base' },
  nuslerp: { method: 'nuslerp', models: ['a', 'b'], weights: [0.5, 0.3] },
  'nuslerp-base-rowwise': {
    method: 'nuslerp',
    models: ['a', 'b'],
    base: 'base',
    weights: [0.5, 0.3],
    parameters: () => ({ nuslerp_row_wise: true }),
  },
  'passthrough-stack': { method: 'passthrough', models: ['a'], source: stacked },
  slerp: { method: 'slerp', models: ['a', 'b'], parameters: () => ({ t: 0.35 }) },
  'slerp-gradient-filters': { method: 'slerp', models: ['a', 'b'], parameters: gradientT },
  'task-arithmetic': { method: 'task_arithmetic', ...BASED, parameters: () => ({ lambda: 0.7 }) },
  ties: { method: 'ties', ...BASED, perModel: DENSITIES },
  'ties-unnormalized-lambda': {
    method: 'ties',
    ...BASED,
    perModel: DENSITIES,
    parameters: () => ({ normalize: false, lambda: 0.7 }),
  },
};

async function pluginOf(name: string): Promise<Plugin> {
  const builtin = BUILTIN_PLUGINS.find((each) => each.point === MERGE.id && each.name === name)!;
  return ((await builtin.load()) as AnyPluginFactory & (() => Plugin))();
}

folder.describe('mergekit gave the same tensors', () => {
  const models: Record<string, TensorDict> = {};

  beforeAll(async () => {
    for (const name of ['base', 'a', 'b', 'c']) {
      models[name] = await readOracle(folder.path(name, 'model.safetensors'));
    }
  });

  const tensor = (model: string, name: string): Float32Array => models[model]![name]!.data as Float32Array;

  test.each(Object.entries(CASES))('%s', async (file, given) => {
    const known = MERGEKIT_METHODS.get(given.method)!;
    const method = await implementationOf(MERGE, await pluginOf(known.plugin));
    const expected = await readOracle(folder.path(`${file}.safetensors`));
    expect(Object.keys(expected).length).toBeGreaterThan(20);
    for (const [name, { shape, data }] of Object.entries(expected)) {
      const from = given.source?.(name) ?? { models: given.models, name };
      const input = inputOf(method, {
        name,
        shape,
        models: from.models.map((model) => tensor(model, from.name)),
        ...(given.base ? { base: tensor(given.base, from.name) } : {}),
        ...(given.weights ? { weights: given.weights } : {}),
        parameters: { ...known.defaults, ...given.parameters?.(name) },
        modelParameters: from.models.map((_, i) => ({ ...known.defaults, ...given.perModel?.[i] })),
      });
      const merged = method.merge(input);
      expect({ file, name, length: merged.length }).toEqual({ file, name, length: data.length });
      let worst = 0;
      for (let i = 0; i < data.length; i++) {
        const allowed =
          given.relative === undefined ? 1 : given.relative * Math.max(1e-3, Math.abs(data[i]!)) * 1e5;
        worst = Math.max(worst, Math.abs(merged[i]! - data[i]!) / allowed);
      }
      expect({ file, name, worst: worst <= 1e-5 ? 'within 1e-5' : worst }).toEqual({
        file,
        name,
        worst: 'within 1e-5',
      });
    }
  });
});
