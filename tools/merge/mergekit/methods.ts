/** What mergekit does with `base_model`: differences are taken to it, or it is simply the first of the models. */
export type BaseUse = 'required' | 'optional' | 'unused' | 'first-model';

/** One `merge_method` of mergekit in terms of our merge plugins. */
export interface MergekitMethod {
  /** As in the YAML. */
  readonly name: string;
  /** Name of the plugin that does it. */
  readonly plugin: string;
  /**
   * `required` and `optional`: `base_model` goes to the plugin as its base and is not one of its models, also where the
   * YAML lists it among them. `first-model`: it is required, and goes to the plugin as the first of its models.
   * `unused`: it is a model like the others where it is listed.
   */
  readonly base: BaseUse;
  /**
   * Parameters that must be given, for every model but the base where the plugin has them per model. Methods that do not
   * require `weight` have none: their models count alike.
   */
  readonly required: readonly string[];
  /** Where mergekit's default is not the plugin's. `weight` is the weight of a model. */
  readonly defaults: Readonly<Record<string, number | boolean>>;
  /** Accepted by mergekit, without effect on the numbers. */
  readonly ignored: readonly string[];
}

type Details = Partial<Omit<MergekitMethod, 'name' | 'plugin' | 'base'>>;

function method(name: string, plugin: string, base: BaseUse, details: Details = {}): MergekitMethod {
  return Object.freeze({ name, plugin, base, required: [], defaults: {}, ignored: [], ...details });
}

const WEIGHT: readonly string[] = ['weight'];
const MASK: readonly string[] = ['int8_mask'];

/** Every method that is supported, in mergekit's own names and with its defaults (formats spec, section 6). */
const METHODS: readonly MergekitMethod[] = [
  method('linear', 'linear', 'unused', { required: WEIGHT }),
  method('slerp', 'slerp', 'first-model', { required: ['t'] }),
  method('nuslerp', 'nuslerp', 'optional', { required: WEIGHT }),
  method('multislerp', 'multislerp', 'optional', { required: WEIGHT }),
  method('karcher', 'karcher', 'unused'),
  method('task_arithmetic', 'task-arithmetic', 'required', { required: WEIGHT, ignored: MASK }),
  method('ties', 'ties', 'required', { required: WEIGHT, defaults: { density: 1 }, ignored: MASK }),
  method('dare_linear', 'dare-linear', 'required', { required: WEIGHT, ignored: MASK }),
  method('dare_ties', 'dare-ties', 'required', { required: WEIGHT, ignored: MASK }),
  method('della', 'della', 'required', { required: WEIGHT, ignored: MASK }),
  method('della_linear', 'della-linear', 'required', { required: WEIGHT, ignored: MASK }),
  method('breadcrumbs', 'breadcrumbs', 'required', {
    required: WEIGHT,
    defaults: { require_outliers: true },
    ignored: MASK,
  }),
  method('breadcrumbs_ties', 'breadcrumbs-ties', 'required', {
    required: WEIGHT,
    defaults: { require_outliers: true },
    ignored: MASK,
  }),
  method('model_stock', 'model-stock', 'required'),
  method('sce', 'sce', 'required', { ignored: MASK }),
  method('nearswap', 'nearswap', 'required', { required: ['t'] }),
  method('arcee_fusion', 'arcee-fusion', 'required'),
  method('passthrough', 'passthrough', 'unused'),
];

/** By mergekit's name. */
export const MERGEKIT_METHODS: ReadonlyMap<string, MergekitMethod> = new Map(
  METHODS.map((each) => [each.name, each]),
);

/** Methods that mergekit has and this project has not: refused by name, not as a typing error. */
export const UNSUPPORTED_MERGEKIT_METHODS: ReadonlySet<string> = new Set([
  'cabs',
  'core_space',
  'lrp',
  'pcb',
  'ram',
  'ramplus_tl',
]);
