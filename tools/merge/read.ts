import { Clean, Clone } from '@sinclair/typebox/value';
import { documentFlaws } from '../../core/contracts/document-flaws.js';
import { ForgeError, nearest, type Problem } from '../../core/errors/index.js';
import { recipeOfAgentforge } from './agentforge/read.js';
import { parseDocuments, type RecipeDocument } from './document.js';
import { chooseMergekitMethod, recipeOfMergekit } from './mergekit/read.js';
import { MergekitSchema, type MergekitDocument } from './mergekit/schema.js';
import { otherKindOf } from './mergekit/unsupported.js';
import type { MergeMethods } from './methods.js';
import { RecipeSchema, type MergeRecipe, type Recipe, type RecipeOrigin } from './recipe.js';
import { ProblemReport } from './report.js';
import { orderSteps, type RecipeStep } from './steps.js';

/** What reading a recipe needs from outside. */
export interface RecipeWorld {
  readonly methods: MergeMethods;
  /** All problems of a value against a JSON Schema, their places written as `models[0].model`. */
  readonly validate: (schema: object, value: unknown) => readonly Problem[];
}

/**
 * Read a recipe from YAML or JSON: agentforge's own (`method`) or mergekit's (`merge_method`). Several documents are
 * merged one after another; models may name earlier ones.
 *
 * @param file what messages call the text
 * @returns the merges in the order to do them; the last one is the result
 * @throws ForgeError AF_MERGE_RECIPE with every problem
 */
export async function readRecipe(text: string, file: string, world: RecipeWorld): Promise<RecipeStep[]> {
  const documents = await parseDocuments(text, file);
  if (documents.length === 0)
    throw new ForgeError('AF_MERGE_RECIPE', 'The recipe is empty.', {
      at: file,
      fix: 'Write a merge_method and models; docs/merging.md has examples.',
    });
  return readDocuments(documents, { file, text }, world);
}

/**
 * Take a recipe that is an object: the default export of a module, for example.
 *
 * @param file what messages call it
 * @throws ForgeError AF_MERGE_RECIPE with every problem
 */
export async function recipeFrom(value: unknown, file: string, world: RecipeWorld): Promise<RecipeStep[]> {
  const { stringify } = await import('yaml');
  const isSound = documentFlaws(value).length === 0;
  const document = isSound ? plainData(value, file) : value;
  const text = isSound ? stringify(document) : '';
  return readDocuments([{ value: document, lineOf: () => null }], { file, text }, world);
}

/** What a module exports may be anything; what JSON cannot hold is no recipe. */
function plainData(value: unknown, file: string): unknown {
  try {
    return JSON.parse(JSON.stringify(value)) as unknown;
  } catch (cause) {
    throw new ForgeError('AF_MERGE_RECIPE', 'The recipe is not plain data.', {
      at: file,
      fix: 'Export an object of texts, numbers, lists and objects, without references in a circle.',
      cause,
    });
  }
}

function readDocuments(
  documents: readonly RecipeDocument[],
  source: { readonly file: string; readonly text: string },
  world: RecipeWorld,
): RecipeStep[] {
  const reports = documents.map(
    (document) => new ProblemReport(source.file, (path) => document.lineOf(path)),
  );
  const steps = documents.map((document, i) => readStep(document.value, source, world, reports[i]!));
  const all = new ProblemReport(source.file);
  all.problems.push(...reports.flatMap(({ problems }) => problems));
  const read = steps.filter((step) => step !== null);
  const ordered = all.problems.length === 0 ? orderSteps(read, all) : [];
  all.throwIfAny('AF_MERGE_RECIPE', 'The recipe', 'Mend the recipe; nothing was read or written yet.');
  return ordered;
}

function readStep(
  value: unknown,
  source: { readonly file: string; readonly text: string },
  { methods, validate }: RecipeWorld,
  report: ProblemReport,
): RecipeStep | null {
  const flaws = documentFlaws(value);
  for (const { path, message, fix } of flaws) report.add(path, { message, fix });
  if (flaws.length > 0) return null;
  const format = formatOf(value, report);
  if (format === null) return null;
  const schema = format === 'mergekit' ? MergekitSchema : RecipeSchema;
  report.addAll(validate(schema, value));
  // Keys too many leave the rest readable: its problems are told too.
  const readable = report.problems.length === 0 ? value : Clean(schema, Clone(value));
  if (readable !== value && validate(schema, readable).length > 0) {
    const written = (value as { readonly merge_method?: unknown }).merge_method;
    if (typeof written === 'string') chooseMergekitMethod(written, methods, report);
    return null;
  }
  const origin: RecipeOrigin = { format, ...source };
  const recipe =
    format === 'mergekit'
      ? recipeOfMergekit(readable as MergekitDocument, methods, origin, report)
      : recipeOfAgentforge(readable as Recipe, methods, origin, report);
  return recipe === null ? null : { name: nameOf(readable), recipe };
}

function formatOf(value: unknown, report: ProblemReport): MergeRecipe['origin']['format'] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report.add([], { message: 'a recipe is an object with "method" or "merge_method"' });
    return null;
  }
  if ('merge_method' in value) return 'mergekit';
  if ('method' in value) return 'agentforge';
  const other = otherKindOf(value);
  const keys = Object.keys(value);
  const mistyped = keys
    .map((key) => nearest(key, ['merge_method', 'method']))
    .find((name) => name !== undefined);
  report.add([], {
    message: other === null ? 'the recipe names no merge method' : `${other} is not supported`,
    expected: '"merge_method" (mergekit) or "method" (agentforge)',
    found: keys.length === 0 ? 'nothing' : keys.join(', '),
    suggestion: other === null ? mistyped : undefined,
  });
  return null;
}

/** Only mergekit's documents have names. */
function nameOf(value: unknown): string | null {
  const { name } = value as { readonly name?: unknown };
  return typeof name === 'string' ? name : null;
}
