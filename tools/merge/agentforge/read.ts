import { isForgeError, nearest } from '../../../core/errors/index.js';
import { assembleSlices, type WrittenMerge, type WrittenSource } from '../assemble.js';
import { pluginMethod, WEIGHT, type ChosenMethod } from '../chosen-method.js';
import { MERGEKIT_METHODS } from '../mergekit/methods.js';
import type { MergeMethods } from '../methods.js';
import type { MergeRecipe, Recipe, RecipeOrigin } from '../recipe.js';
import type { Path, ProblemReport } from '../report.js';
import type { Setting, Settings } from '../settings.js';

/**
 * A document that fits the schema as a recipe; problems go to the report.
 * @returns null when there is no such method
 */
export function recipeOfAgentforge(
  document: Recipe,
  methods: MergeMethods,
  origin: RecipeOrigin,
  report: ProblemReport,
): MergeRecipe | null {
  const chosen = chooseMethod(document, methods, report);
  const written = writtenMerge(document, report);
  if (chosen === null) return null;
  if (chosen.base === 'unused' && document.base !== undefined)
    report.add(['base'], {
      message: `${chosen.written} uses no base`,
      found: document.base,
      fix: 'List it among the models, or leave it out.',
    });
  const base = chosen.base === 'unused' ? null : written.base;
  return {
    methodName: chosen.name,
    method: chosen.method,
    slices: assembleSlices({ ...written, base }, chosen, report),
    parameters: written.parameters,
    defaults: {},
    required: chosen.required,
    leader: document.base ?? written.slices[0]?.sources[0]?.model ?? '',
    dtype: document.dtype ?? null,
    tokenizer: document.tokenizer ?? null,
    seed: document.seed ?? 0,
    origin,
  };
}

/** A plugin's name, or mergekit's name for it; the defaults are the plugin's. */
function chooseMethod(document: Recipe, methods: MergeMethods, report: ProblemReport): ChosenMethod | null {
  const { method: written, options } = document;
  const name = methods.names.includes(written) ? written : (MERGEKIT_METHODS.get(written)?.plugin ?? written);
  if (!methods.names.includes(name)) {
    report.add(['method'], {
      message: `there is no merge method "${written}"`,
      expected: `one of ${methods.names.join(', ')}`,
      found: written,
      suggestion: nearest(written, methods.names),
    });
    return null;
  }
  try {
    return { ...pluginMethod(name, methods, options), written };
  } catch (error) {
    if (!isForgeError(error)) throw error;
    const problems = error.problems.length > 0 ? error.problems : [{ at: name, message: error.message }];
    for (const { at, source: _, ...problem } of problems)
      report.add(['options'], { ...problem, message: `${at}: ${problem.message}` });
    return null;
  }
}

function writtenMerge(document: Recipe, report: ProblemReport): WrittenMerge {
  const { models, slices } = document;
  if ((models === undefined) === (slices === undefined))
    report.add([models === undefined ? 'models' : 'slices'], {
      message: 'a recipe has either models or slices',
      found: models === undefined ? 'neither' : 'both',
    });
  const whole = (models ?? []).map((entry, i) =>
    writtenSource(typeof entry === 'string' ? { model: entry } : entry, null, ['models', i]),
  );
  return {
    slices:
      models !== undefined
        ? [{ sources: whole, base: null, parameters: {}, path: ['models'] }]
        : (slices ?? []).map(({ sources, parameters }, i) => ({
            sources: sources.map((source, j) =>
              writtenSource(source, [source.layers[0], source.layers[1]], ['slices', i, 'sources', j]),
            ),
            base: null,
            parameters: parameters ?? {},
            path: ['slices', i],
          })),
    base: document.base ?? null,
    basePath: ['base'],
    parameters: document.parameters ?? {},
  };
}

interface Entry {
  readonly model: string;
  readonly weight?: Setting;
  readonly parameters?: Settings;
}

function writtenSource(entry: Entry, layers: readonly [number, number] | null, path: Path): WrittenSource {
  const { model, weight, parameters = {} } = entry;
  return {
    model,
    layers,
    parameters: weight === undefined ? parameters : { ...parameters, [WEIGHT]: weight },
    path,
    parametersPath: [...path, 'parameters'],
  };
}
