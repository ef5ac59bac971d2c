import type { MergeParameter } from '../../core/contracts/merge.js';
import { nearest } from '../../core/errors/index.js';
import type { WrittenMerge, WrittenSlice, WrittenSource } from './assemble.js';
import { WEIGHT, type ChosenMethod } from './chosen-method.js';
import type { Path, ProblemReport } from './report.js';
import { valuesIn, type Settings } from './settings.js';

/** The sources of a slice stand against each other layer by layer. */
export function checkLengths({ sources, path }: WrittenSlice, report: ProblemReport): void {
  const lengths = sources.map(({ layers }) => (layers === null ? null : layers[1] - layers[0]));
  sources.forEach((source, i) => {
    if (lengths[i] !== null && lengths[i]! < 1)
      report.add(source.path, {
        message: `the layers ${String(source.layers)} are none`,
        fix: 'Give the first layer and the one after the last, counted from 0.',
      });
  });
  if (new Set(lengths).size < 2) return;
  report.add(path, {
    message: 'the sources of a slice take different numbers of layers',
    expected: 'as many layers from each',
    found: sources.map(({ model }, i) => `${lengths[i]} of ${model}`).join(', '),
  });
}

/** As many models as the technique takes. */
export function checkArity(
  count: number,
  path: Path,
  { method, written }: ChosenMethod,
  report: ProblemReport,
): void {
  const { min, max } = method.arity;
  if (count >= min && (max === null || count <= max)) return;
  const range = max === min ? `exactly ${min}` : max === null ? `${min} or more` : `${min} to ${max}`;
  report.add(path, {
    message: `${written} merges ${range} ${max === 1 ? 'model' : 'models'}${method.base === 'unused' ? '' : ' besides the base'}, there are ${count}`,
    expected: range,
    found: String(count),
  });
}

/** A required parameter must be set somewhere; whether its filters reach every tensor shows later. */
export function checkRequired(
  models: readonly WrittenSource[],
  slice: WrittenSlice,
  written: WrittenMerge,
  { method, required, written: name }: ChosenMethod,
  report: ProblemReport,
): void {
  const missing = required.filter(
    (parameter) => !(parameter in slice.parameters || parameter in written.parameters),
  );
  for (const parameter of missing) {
    const perModel = parameter === WEIGHT || method.parameters?.[parameter]?.scope === 'model';
    const places = perModel
      ? models
          .filter(({ parameters }) => !(parameter in parameters))
          .map(({ path, model }) => ({ path, model }))
      : [{ path: ['parameters', parameter] as Path, model: null }];
    for (const { path, model } of places)
      report.add(path, {
        message: `${name} needs "${parameter}"${model === null ? '' : ` for ${model}`}, and it is not set`,
        fix: `Set "${parameter}"${model === null ? '' : ' among the parameters of the model'}.`,
      });
  }
}

/** Names, places and types of parameters. */
export function checkParameters(
  settings: Settings,
  place: 'merge' | 'model',
  path: Path,
  { method, written, ignored }: ChosenMethod,
  report: ProblemReport,
): void {
  const known = knownParameters(method.parameters);
  for (const [name, setting] of Object.entries(settings)) {
    if (ignored.includes(name)) continue;
    const parameter = known.get(name);
    if (parameter === undefined) {
      const names = [...known.keys()];
      report.add([...path, name], {
        message: `${written} has no parameter "${name}"`,
        expected: `one of ${names.join(', ')}`,
        found: name,
        suggestion: nearest(name, names),
      });
    } else if (place === 'model' && parameter.scope === 'merge') {
      report.add([...path, name], {
        message: `"${name}" holds for all models together and cannot be set for one`,
        fix: `Move "${name}" to the parameters of the slice or of the whole merge.`,
      });
    } else {
      const type = parameter.default === null ? 'number' : typeof parameter.default;
      const wrong = valuesIn(setting).find((value) => !suits(value, type));
      if (wrong === undefined) continue;
      report.add([...path, name], {
        message: `"${name}" takes ${type === 'number' ? 'finite numbers' : 'true or false'}`,
        expected: type === 'number' ? 'a finite number' : 'true or false',
        found: String(wrong),
      });
    }
  }
}

type Known = Pick<MergeParameter, 'scope' | 'default'>;

function knownParameters(parameters: Readonly<Record<string, MergeParameter>> = {}): Map<string, Known> {
  return new Map<string, Known>([[WEIGHT, { scope: 'model', default: 1 }], ...Object.entries(parameters)]);
}

/** Switches may be written as 0 and 1. */
function suits(value: number | boolean, type: string): boolean {
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === 'boolean' || value === 0 || value === 1;
}
