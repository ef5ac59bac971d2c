import { normalize } from 'node:path';
import { checkArity, checkLengths, checkParameters, checkRequired } from './check-written.js';
import type { ChosenMethod } from './chosen-method.js';
import type { RecipeSlice, RecipeSource } from './recipe.js';
import { pathText, type Path, type ProblemReport } from './report.js';
import type { Settings } from './settings.js';

export interface WrittenSource {
  readonly model: string;
  readonly layers: readonly [number, number] | null;
  readonly parameters: Settings;
  readonly path: Path;
  /** Where its parameters stand. */
  readonly parametersPath: Path;
}

export interface WrittenSlice {
  readonly sources: readonly WrittenSource[];
  readonly base: string | null;
  readonly parameters: Settings;
  readonly path: Path;
}

/** What both formats say, with the places where they say it. */
export interface WrittenMerge {
  readonly slices: readonly WrittenSlice[];
  readonly base: string | null;
  readonly basePath: Path;
  readonly parameters: Settings;
}

/** Put models and bases where the technique wants them; reports too few or too many models and unknown parameters. */
export function assembleSlices(
  written: WrittenMerge,
  chosen: ChosenMethod,
  report: ProblemReport,
): RecipeSlice[] {
  checkParameters(written.parameters, 'merge', ['parameters'], chosen, report);
  return written.slices.map((slice) => {
    checkParameters(slice.parameters, 'merge', [...slice.path, 'parameters'], chosen, report);
    for (const { parameters, parametersPath } of slice.sources)
      checkParameters(parameters, 'model', parametersPath, chosen, report);
    return assembleSlice(slice, written, chosen, report);
  });
}

function assembleSlice(
  slice: WrittenSlice,
  written: WrittenMerge,
  chosen: ChosenMethod,
  report: ProblemReport,
): RecipeSlice {
  const base = slice.base ?? written.base;
  const { models, ancestor } = placeBase(slice, base, written.basePath, chosen, report);
  checkLengths(slice, report);
  checkArity(models.length, slice.path, chosen, report);
  checkRequired(models, slice, written, chosen, report);
  return {
    sources: models.map(toSource),
    base: ancestor === null ? null : toSource(ancestor),
    parameters: slice.parameters,
    at: pathText(slice.path),
  };
}

interface Placed {
  readonly models: readonly WrittenSource[];
  readonly ancestor: WrittenSource | null;
}

function placeBase(
  { sources, path }: WrittenSlice,
  base: string | null,
  basePath: Path,
  { base: use, written }: ChosenMethod,
  report: ProblemReport,
): Placed {
  if (base === null) {
    if (use === 'required' || use === 'first-model') reportMissingBase(basePath, written, report);
    return { models: sources, ancestor: null };
  }
  const listed = sources.find(({ model }) => isSameModel(model, base));
  const others = sources.filter((source) => source !== listed);
  const found = listed ?? impliedBase(base, sources, basePath);
  if (found === null) {
    if (use !== 'unused')
      report.add(path, {
        message: `the base ${base} is not among the sources, and they take different layers`,
        fix: 'Add the base as a source, with the layers that stand against the others.',
      });
    return { models: sources, ancestor: null };
  }
  if (use === 'required' || use === 'optional') return { models: others, ancestor: found };
  if (use === 'first-model') return { models: [found, ...others], ancestor: null };
  const whole = sources.every(({ layers }) => layers === null);
  return { models: listed !== undefined || !whole ? sources : [...sources, found], ancestor: null };
}

/** A base that is not listed takes part with the layers that all the others take. */
function impliedBase(base: string, sources: readonly WrittenSource[], path: Path): WrittenSource | null {
  const layers = sources[0]?.layers ?? null;
  const same = sources.every((source) => String(source.layers) === String(layers));
  return same ? { model: base, layers, parameters: {}, path, parametersPath: path } : null;
}

/** Whether two references mean the same folder. */
export function isSameModel(a: string, b: string): boolean {
  const plain = (text: string): string => normalize(text).replace(/[/\\]+$/, '');
  return plain(a) === plain(b);
}

function toSource({ model, layers, parameters, path }: WrittenSource): RecipeSource {
  return { model, layers, parameters, at: pathText(path) };
}

function reportMissingBase(path: Path, method: string, report: ProblemReport): void {
  if (report.problems.some(({ at }) => at === pathText(path))) return;
  report.add(path, {
    message: `${method} needs a base model, and there is none`,
    expected: 'the folder of the model that the others were trained from',
    found: 'nothing',
    fix: `Add "${pathText(path)}", or choose a method that needs no base.`,
  });
}
