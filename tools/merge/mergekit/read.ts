import { nearest } from '../../../core/errors/index.js';
import { assembleSlices, type WrittenMerge, type WrittenSlice } from '../assemble.js';
import { pluginMethod, type ChosenMethod } from '../chosen-method.js';
import type { MergeMethods } from '../methods.js';
import type { MergeRecipe, RecipeOrigin } from '../recipe.js';
import type { ProblemReport } from '../report.js';
import { MERGEKIT_METHODS, UNSUPPORTED_MERGEKIT_METHODS } from './methods.js';
import type { MergekitDocument } from './schema.js';
import { refuseUnsupported } from './unsupported.js';

/**
 * A document that fits the schema as a recipe; problems go to the report.
 * @returns null when there is no such method
 */
export function recipeOfMergekit(
  document: MergekitDocument,
  methods: MergeMethods,
  origin: RecipeOrigin,
  report: ProblemReport,
): MergeRecipe | null {
  refuseUnsupported(document, report);
  const chosen = chooseMergekitMethod(document.merge_method, methods, report);
  const written = writtenMerge(document, report);
  if (chosen === null) return null;
  const slices = assembleSlices(written, chosen, report);
  return {
    methodName: chosen.name,
    method: chosen.method,
    slices,
    parameters: written.parameters,
    defaults: chosen.defaults,
    required: chosen.required,
    leader: document.base_model ?? written.slices[0]?.sources[0]?.model ?? '',
    dtype: document.out_dtype ?? document.dtype ?? null,
    tokenizer: document.tokenizer_source ?? null,
    seed: 0,
    origin,
  };
}

/**
 * The technique that a recipe of mergekit names: by mergekit's names, and by those of plugins that it has no name for.
 * @returns null when there is none, which is reported
 */
export function chooseMergekitMethod(
  written: string,
  methods: MergeMethods,
  report: ProblemReport,
): ChosenMethod | null {
  const known = MERGEKIT_METHODS.get(written);
  if (known !== undefined)
    return { ...known, written, name: known.plugin, method: methods.resolve(known.plugin) };
  const ours = [...MERGEKIT_METHODS.values()].map(({ plugin }) => plugin);
  const foreign = methods.names.filter((name) => !ours.includes(name));
  if (foreign.includes(written)) return pluginMethod(written, methods);
  const names = [...MERGEKIT_METHODS.keys(), ...foreign];
  const renamed = [...MERGEKIT_METHODS.values()].find(({ plugin }) => plugin === written);
  report.add(
    ['merge_method'],
    UNSUPPORTED_MERGEKIT_METHODS.has(written)
      ? {
          message: `the method ${written} is not supported`,
          expected: `one of ${names.join(', ')}`,
          found: written,
        }
      : {
          message: `there is no merge method "${written}"`,
          expected: `one of ${names.join(', ')}`,
          found: written,
          suggestion: renamed?.name ?? nearest(written, names),
        },
  );
  return null;
}

function writtenMerge(document: MergekitDocument, report: ProblemReport): WrittenMerge {
  const { models, slices } = document;
  if ((models === undefined) === (slices === undefined) && !('modules' in document))
    report.add([models === undefined ? 'models' : 'slices'], {
      message: 'a recipe has either models or slices',
      found: models === undefined ? 'neither' : 'both',
    });
  return {
    slices: models !== undefined ? [wholeModels(models)] : (slices ?? []).map(writtenSlice),
    base: document.base_model ?? null,
    basePath: ['base_model'],
    parameters: document.parameters ?? {},
  };
}

function wholeModels(models: NonNullable<MergekitDocument['models']>): WrittenSlice {
  return {
    sources: models.map(({ model, parameters }, i) => ({
      model,
      layers: null,
      parameters: parameters ?? {},
      path: ['models', i],
      parametersPath: ['models', i, 'parameters'],
    })),
    base: null,
    parameters: {},
    path: ['models'],
  };
}

function writtenSlice(slice: NonNullable<MergekitDocument['slices']>[number], index: number): WrittenSlice {
  const path = ['slices', index];
  return {
    sources: slice.sources.map(({ model, layer_range: [first, end], parameters }, i) => ({
      model,
      layers: [first, end] as const,
      parameters: parameters ?? {},
      path: [...path, 'sources', i],
      parametersPath: [...path, 'sources', i, 'parameters'],
    })),
    base: slice.base_model ?? null,
    parameters: slice.parameters ?? {},
    path,
  };
}
