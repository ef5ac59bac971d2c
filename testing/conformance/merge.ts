import type { MergeInput, MergeMethod, MergeParameter } from '../../core/contracts/merge.js';
import type { TensorRole } from '../../core/contracts/architecture.js';
import { defaultParameters, type ParameterValues } from '../../nn/merging/parameters.js';
import { stream } from '../../nn/random/index.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { expectClose, expectFailure, expectFinite, expectThat } from '../expect.js';

export interface MergeConformanceOptions {
  /** Largest difference to the model when identical models are merged, relative to max(1, |w|). Default 1e-5. */
  readonly tolerance?: number;
  /** Seed of the weights and of the method's random streams. */
  readonly seed?: number;
  /** Values of parameters that have no default, for the whole merge and for each model alike. */
  readonly parameters?: Readonly<Record<string, number | boolean>>;
}

/** A tensor of a small network: what a merge method is asked about. */
interface Shape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: TensorRole;
  readonly layer?: number;
}

const SHAPES: readonly Shape[] = [
  { name: 'embed.weight', shape: [9, 4], role: 'embedding' },
  { name: 'layers.0.query', shape: [4, 4], role: 'attention-query', layer: 0 },
  { name: 'layers.0.up', shape: [4, 6], role: 'ffn-up', layer: 0 },
  { name: 'layers.1.query', shape: [4, 4], role: 'attention-query', layer: 1 },
  { name: 'layers.1.norm', shape: [4], role: 'norm', layer: 1 },
  { name: 'scale', shape: [1], role: 'initial-state' },
  { name: 'cube', shape: [2, 3, 2], role: 'gate' },
];

/** Model counts to try: the least, the most (or two more than the least). */
function counts({ arity }: MergeMethod): number[] {
  const most = arity.max ?? Math.max(arity.min, 3) + 2;
  return [...new Set([arity.min, Math.min(most, Math.max(arity.min, 3)), most])];
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** What every case draws from. */
type Trial = Required<Pick<MergeConformanceOptions, 'seed' | 'parameters'>>;

function weightsOf(shape: Shape, model: number | 'base', seed: number): Float32Array {
  const numbers = stream(seed, 'merge-conformance', shape.name, model);
  return Float32Array.from({ length: size(shape.shape) }, () => 0.05 * numbers.normal());
}

/** Input for one tensor of `count` related models: a base and small steps away from it. */
function related(
  method: MergeMethod,
  shape: Shape,
  count: number,
  withBase: boolean,
  trial: Trial,
): MergeInput {
  const { seed, parameters } = trial;
  const base = weightsOf(shape, 'base', seed);
  const models = Array.from({ length: count }, (_, model) => {
    const step = weightsOf(shape, model, seed);
    return base.map((value, i) => value + 0.1 * step[i]!);
  });
  return {
    ...shape,
    models,
    ...(withBase ? { base } : {}),
    weights: models.map(() => 1),
    ...filledIn(method, count, parameters),
    random: stream(seed, 'merge-conformance', 'random', shape.name),
  };
}

/** Defaults, and for parameters that have none the values that the suite was given. */
function filledIn(method: MergeMethod, count: number, given: Trial['parameters']): ParameterValues {
  const { parameters, modelParameters } = defaultParameters(method, count);
  const missing = (scope: 'merge' | 'model'): Record<string, number | boolean> =>
    Object.fromEntries(
      Object.entries(given).filter(([name]) => {
        const parameter = method.parameters?.[name];
        return parameter?.scope === scope && parameter.default === null;
      }),
    );
  return {
    parameters: { ...parameters, ...missing('merge') },
    modelParameters: modelParameters.map((values) => ({ ...values, ...missing('model') })),
  };
}

/** Whether to give a base, for every way the method allows. */
function baseChoices(method: MergeMethod): boolean[] {
  if (method.base === 'required') return [true];
  return method.base === 'optional' ? [false, true] : [false];
}

function everyInput(method: MergeMethod, trial: Trial): MergeInput[] {
  return counts(method).flatMap((count) =>
    baseChoices(method).flatMap((withBase) =>
      SHAPES.map((shape) => related(method, shape, count, withBase, trial)),
    ),
  );
}

function identity(method: MergeMethod, tolerance: number, trial: Trial): void {
  for (const input of everyInput(method, trial)) {
    const model = input.models[0]!;
    const same = {
      ...input,
      models: input.models.map(() => model.slice()),
      ...(input.base ? { base: model.slice() } : {}),
    };
    const what = `merging ${input.models.length} identical models, ${input.name}`;
    expectClose(method.merge(same), model, tolerance, what);
  }
}

function wellFormed(method: MergeMethod, trial: Trial): void {
  for (const input of everyInput(method, trial)) {
    const merged = method.merge(input);
    expectThat(merged instanceof Float32Array, `${input.name}: expected a Float32Array`);
    expectThat(
      merged.length === size(input.shape),
      `${input.name}: expected ${size(input.shape)} numbers, found ${merged.length}`,
    );
    expectFinite(merged, input.name);
  }
}

function extremes(method: MergeMethod, trial: Trial): void {
  const values = [0, 1e-20, 1e6];
  for (const value of values) {
    for (const input of everyInput(method, trial)) {
      const models = input.models.map((model, i) => (i === 0 ? model.map(() => value) : model));
      expectFinite(method.merge({ ...input, models }), `${input.name} with one model all ${value}`);
    }
  }
}

function deterministic(method: MergeMethod, again: MergeMethod, trial: Trial): void {
  const first = everyInput(method, trial).map((input) => method.merge(input).slice());
  const backwards = everyInput(again, trial)
    .reverse()
    .map((input) => again.merge(input).slice())
    .reverse();
  first.forEach((merged, i) => {
    expectClose(
      backwards[i]!,
      merged,
      0,
      `the same tensor, merged in another order by another instance (${i})`,
    );
  });
}

function inputsUntouched(method: MergeMethod, trial: Trial): void {
  for (const input of everyInput(method, trial)) {
    const arrays = [...input.models, ...(input.base ? [input.base] : [])];
    const before = arrays.map((array) => array.slice());
    method.merge(input);
    arrays.forEach((array, i) => {
      expectClose(array, before[i]!, 0, `${input.name}: input ${i} was written to`);
    });
  }
}

/** With memory for the result, and in parts where the method takes parts, the numbers are the same. */
function placement(method: MergeMethod, trial: Trial): void {
  for (const input of everyInput(method, trial)) {
    const plain = method.merge(input).slice();
    const again = { ...input, random: stream(trial.seed, 'merge-conformance', 'random', input.name) };
    const out = new Float32Array(plain.length).fill(NaN);
    expectClose(method.merge({ ...again, out }), plain, 0, `${input.name} with memory for the result`);
    if (method.elementwise !== true && method.statistics === undefined) continue;
    const middle = Math.floor(plain.length / 2);
    const part = (first: number, end: number): MergeInput => ({
      ...input,
      shape: [end - first],
      models: input.models.map((model) => model.subarray(first, end)),
      ...(input.base ? { base: input.base.subarray(first, end) } : {}),
    });
    const parts = [part(0, middle), part(middle, plain.length)];
    const [one, two] = parts.map((each) => method.statistics?.(each));
    const statistics = one?.map((value, i) => value + two![i]!);
    const merged = parts.map((each) => method.merge({ ...each, ...(statistics && { statistics }) }).slice());
    // Sums of parts round otherwise than the sum of the whole.
    const tolerance = statistics === undefined ? 0 : 1e-6;
    expectClose([...merged[0]!, ...merged[1]!], plain, tolerance, `${input.name} in two parts`);
  }
}

async function baseRequirement(method: MergeMethod, trial: Trial): Promise<void> {
  const shape = SHAPES[1]!;
  const without = related(method, shape, method.arity.min, false, trial);
  if (method.base === 'required') {
    await expectFailure(() => method.merge(without), 'a method that requires a base, called without one');
  } else if (method.base === 'unused') {
    const plain = method.merge(without).slice();
    const { base } = related(method, shape, method.arity.min, true, trial);
    const given = { ...related(method, shape, method.arity.min, false, trial), ...(base ? { base } : {}) };
    expectClose(method.merge(given), plain, 0, 'a method that does not use a base, given one');
  }
}

function withoutHints(method: MergeMethod, trial: Trial): void {
  for (const { role: _role, layer: _layer, ...input } of everyInput(method, trial)) {
    expectFinite(method.merge(input), `${input.name} without role and layer`);
  }
}

function withImportance(method: MergeMethod, trial: Trial): void {
  for (const input of everyInput(method, trial)) {
    const importance = input.models.map((model) => model.map((value) => Math.abs(value)));
    expectFinite(method.merge({ ...input, importance }), `${input.name} with importance`);
    const nothing = input.models.map((model) => new Float32Array(model.length));
    expectFinite(method.merge({ ...input, importance: nothing }), `${input.name} with importance 0`);
  }
}

/** A parameter's default and the ends of its range: where recipes start and where evolution may go. */
function reasonableParameters({ parameters = {} }: MergeMethod): void {
  for (const [name, { default: value, minimum = -Infinity, maximum = Infinity }] of Object.entries(
    parameters,
  )) {
    expectThat(minimum <= maximum, `${name}: its minimum ${minimum} is above its maximum ${maximum}`);
    expectThat(
      typeof value !== 'number' || (value >= minimum && value <= maximum),
      `${name}: its default ${String(value)} is outside ${minimum} to ${maximum}`,
    );
  }
}

/** The values at which a parameter is most likely to go wrong. */
function extremeValues({ default: value, minimum, maximum }: MergeParameter): (number | boolean)[] {
  if (typeof value === 'boolean') return [true, false];
  return [minimum, maximum].flatMap((end) => (end === undefined ? [] : [end]));
}

function withParameter(
  input: MergeInput,
  scope: 'merge' | 'model',
  name: string,
  value: number | boolean,
): MergeInput {
  if (scope === 'merge') return { ...input, parameters: { ...input.parameters, [name]: value } };
  return { ...input, modelParameters: input.modelParameters.map((values) => ({ ...values, [name]: value })) };
}

function wholeRange(method: MergeMethod, trial: Trial): void {
  for (const [name, parameter] of Object.entries(method.parameters ?? {})) {
    for (const value of extremeValues(parameter)) {
      for (const input of everyInput(method, trial)) {
        const merged = method.merge(withParameter(input, parameter.scope, name, value));
        expectFinite(merged, `${input.name} with ${name} ${String(value)}`);
      }
    }
  }
}

/** What every merge technique must do, whatever it is for. */
export function mergeConformance(
  subject: Subject<MergeMethod>,
  options: MergeConformanceOptions = {},
): ConformanceCase[] {
  const { tolerance = 1e-5, seed = 7, parameters = {} } = options;
  const trial: Trial = { seed, parameters };
  const cases = casesOf(subject, {
    'declares a possible number of models': ({ arity }) => {
      expectThat(Number.isInteger(arity.min) && arity.min >= 1, `arity.min is ${arity.min}`);
      expectThat(arity.max === null || arity.max >= arity.min, `arity.max is ${arity.max}`);
    },
    'declares parameters whose defaults lie in their ranges': reasonableParameters,
    'stays finite at the ends of the range of every parameter': (method) => wholeRange(method, trial),
    'merging identical models gives the model': (method) => identity(method, tolerance, trial),
    'gives as many finite numbers as the tensor has': (method) => wellFormed(method, trial),
    'survives zeros, tiny and huge weights': (method) => extremes(method, trial),
    'never writes to its inputs': (method) => inputsUntouched(method, trial),
    'gives the same numbers wherever they are put': (method) => placement(method, trial),
    'keeps its word about the base': (method) => baseRequirement(method, trial),
    'needs neither role nor layer': (method) => withoutHints(method, trial),
    'takes importance, also where there is none': (method) => withImportance(method, trial),
  });
  const repeatable: ConformanceCase = {
    name: 'gives the same bits for the same seed, whatever the order of the tensors',
    run: async () => {
      deterministic(await subject(), await subject(), trial);
    },
  };
  return [...cases, repeatable];
}
