import { type ForgeError, problemsError, type Problem } from '../../core/errors/index.js';
import { nodeFileSystem, type FileSystem } from '../../storage/file-system.js';
import { bytesOf } from '../../storage/safetensors/index.js';
import { roleOf } from './checkpoints/names.js';
import { isCheckpoint, openCheckpoint, type Checkpoint, type LocateModel } from './checkpoints/open.js';
import { latentProblems } from './checkpoints/quantised.js';
import { isSameModel } from './assemble.js';
import {
  configDifferences,
  configEdits,
  editJson,
  storedDtype,
  type ResultDtype,
} from './output/config-json.js';
import { layOutShards, type Shard } from './output/shards.js';
import { chooseTokenizer } from './output/tokenizer.js';
import { formOf } from './plan/check-inputs.js';
import { LimitedProblems } from './plan/limited.js';
import { matchTensors, type MatchedTensor, type OpenSlice, type Participant } from './plan/match.js';
import { memoryNeed, inputsOf, type TensorInput, type TensorMerge } from './plan/tensor-merge.js';
import { tensorParameters, type PlacedModel } from './plan/parameters.js';
import type { FloatDtype, MergeRecipe, RecipeSource } from './recipe.js';
import { modelsOf } from './steps.js';

/** 5 GB, which is what most hubs and tools are used to. */
export const DEFAULT_SHARD_BYTES = 5e9;

export interface PlanOptions {
  /** Folders in which relative model paths are looked up, in this order. */
  readonly folders: readonly string[];
  /** Folders by the names that a recipe gives to results of earlier merges. */
  readonly known?: ReadonlyMap<string, string>;
  /** Finds models of a registry; without it every model is a folder. */
  readonly locate?: LocateModel;
  /** Element type of the result, over what the recipe says. */
  readonly dtype?: FloatDtype;
  readonly seed?: number;
  /** Most bytes of weights in one file. */
  readonly maxShardBytes?: number;
  readonly files?: FileSystem;
}

/** A merge that can start: everything was compared, nothing was written. The checkpoints are open until `close`. */
export interface MergePlan {
  readonly recipe: MergeRecipe;
  readonly seed: number;
  /** The leader first. */
  readonly checkpoints: readonly Checkpoint[];
  /** In the order of the files. */
  readonly shards: readonly Shard<TensorMerge>[];
  /** Text of the result's config.json; null when the leader has none. */
  readonly configText: string | null;
  readonly tokenizerFrom: Checkpoint | null;
  /** Bytes of weights that are read. */
  readonly inputBytes: number;
  /** Bytes of weights that are written. */
  readonly outputBytes: number;
  /** Elements of the result. */
  readonly elements: number;
  /** What the merge is expected to need of memory at most, in bytes. */
  readonly memoryBytes: number;
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/**
 * Open the models of a recipe and work out every tensor of the result.
 * @throws ForgeError AF_MERGE_CHECKPOINTS with every problem; AF_STORAGE_DENIED, AF_STORAGE_IO
 */
export async function planMerge(recipe: MergeRecipe, options: PlanOptions): Promise<MergePlan> {
  const checkpoints = await openAll(recipe, options);
  const close = async (): Promise<void> => {
    for (const { tensors } of checkpoints) await tensors.close();
  };
  try {
    return { ...(await plan(recipe, checkpoints, options)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openAll(recipe: MergeRecipe, options: PlanOptions): Promise<Checkpoint[]> {
  const opened = await Promise.all(modelsOf(recipe).map((model) => openCheckpoint(model, options)));
  const checkpoints = opened.filter(isCheckpoint);
  const problems = opened.filter((one) => 'message' in one);
  if (problems.length === 0) return checkpoints;
  for (const { tensors } of checkpoints) await tensors.close();
  throw refused(problems);
}

async function plan(
  recipe: MergeRecipe,
  checkpoints: readonly Checkpoint[],
  options: PlanOptions,
): Promise<Omit<MergePlan, 'close'>> {
  const dtype = options.dtype ?? recipe.dtype;
  const problems = new LimitedProblems();
  const slices = recipe.slices.map((slice) => openSlice(slice, checkpoints));
  const matched = matchTensors(slices, problems);
  const tensors = matched.flatMap((tensor) => planTensor(tensor, recipe, dtype, problems));
  const tokenizer = await chooseTokenizer(recipe.tokenizer, checkpoints, options.files ?? nodeFileSystem);
  const all = [...latentProblems(checkpoints, recipe), ...problems.list(), ...tokenizer.problems];
  if (all.length > 0) throw refused(all);
  if (tensors.length === 0)
    throw refused([{ at: checkpoints[0]!.reference, message: 'the models hold no tensors' }]);
  const leader = checkpoints[0]!;
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return {
    recipe,
    seed: options.seed ?? recipe.seed,
    checkpoints,
    shards: layOutShards(tensors, options.maxShardBytes ?? DEFAULT_SHARD_BYTES),
    configText: await mergedConfig(
      leader,
      { stored: storedDtype(tensors), isChosen: dtype !== null },
      recipe,
    ),
    tokenizerFrom: tokenizer.from,
    inputBytes: sum(tensors.map((tensor) => sum(inputsOf(tensor).map(inputBytes)))),
    outputBytes: sum(tensors.map((tensor) => bytesOf(tensor.dtype, tensor.shape) ?? 0)),
    elements: sum(tensors.map(({ elements }) => elements)),
    memoryBytes: memoryNeed(tensors),
    warnings: [
      ...tokenizer.warnings,
      ...configWarnings(checkpoints),
      ...checkpoints.flatMap(({ reference, tensors: { warnings } }) =>
        warnings.map((each) => `${reference}: ${each}`),
      ),
      ...narrowedWarnings(tensors, dtype),
    ],
  };
}

function inputBytes({ checkpoint, name }: TensorInput): number {
  const { begin, end } = checkpoint.tensors.entry(name);
  return end - begin;
}

function openSlice(slice: MergeRecipe['slices'][number], checkpoints: readonly Checkpoint[]): OpenSlice {
  const open = (source: RecipeSource): Participant => ({
    source,
    checkpoint: checkpoints.find(({ reference }) => isSameModel(reference, source.model))!,
  });
  return { slice, models: slice.sources.map(open), base: slice.base === null ? null : open(slice.base) };
}

function planTensor(
  tensor: MatchedTensor,
  recipe: MergeRecipe,
  dtype: FloatDtype | null,
  problems: LimitedProblems,
): TensorMerge[] {
  const { name, models, base, layer, position, slice } = tensor;
  const form = formOf(name, inputsOf(tensor), dtype, problems);
  const placed = slice.models.map(({ source }, i) => ({ source, name: models[i]!.name }));
  const missing = (parameter: string, model: PlacedModel | null): void =>
    problems.add(`parameter ${parameter}`, {
      at: model === null ? name : `${model.source.model}.${model.name}`,
      source: recipe.origin.file,
      message: `"${parameter}" is needed and no setting reaches this tensor`,
      fix: `Set "${parameter}" without a filter last, for all tensors that no filter matches.`,
    });
  const place = { recipe, slice: slice.slice, name, position };
  if (form === null) return [];
  const values = form.kind === 'merge' ? tensorParameters(place, placed, missing) : NO_PARAMETERS;
  const elements = form.shape.reduce((product, size) => product * size, 1);
  return [{ name, ...form, ...values, elements, models, base, layer, role: roleOf(name) }];
}

const NO_PARAMETERS = { weights: [], parameters: {}, modelParameters: [] } as const;

/** For stacked slices the layer of the first source that each layer came from; null when whole models are merged. */
function layerSources({ slices }: MergeRecipe): number[] | null {
  if (slices.some(({ sources }) => sources[0]!.layers === null)) return null;
  return slices.flatMap(({ sources }) => {
    const [first, end] = sources[0]!.layers!;
    return Array.from({ length: end - first }, (_, index) => first + index);
  });
}

async function mergedConfig(
  { config, configText }: Checkpoint,
  dtype: ResultDtype,
  recipe: MergeRecipe,
): Promise<string | null> {
  if (config === null || configText === null) return null;
  return editJson(configText, configEdits(config, dtype, layerSources(recipe)));
}

function configWarnings([leader, ...others]: readonly Checkpoint[]): string[] {
  if (leader!.config === null) return [`${leader!.reference} has no config.json: the result gets none.`];
  return others.flatMap(({ reference, config }) => {
    const keys = config === null ? [] : configDifferences(leader!.config!, config);
    if (keys.length === 0) return [];
    return [
      `config.json of ${reference} differs in ${keys.join(', ')}; that of ${leader!.reference} is kept.`,
    ];
  });
}

/** Nothing is stored in float64: whoever brought it and did not choose another type is told. */
function narrowedWarnings(tensors: readonly TensorMerge[], dtype: FloatDtype | null): string[] {
  const isDouble = ({ checkpoint, name }: TensorInput): boolean =>
    checkpoint.tensors.entry(name).dtype === 'F64';
  const count = dtype === null ? tensors.filter((tensor) => inputsOf(tensor).some(isDouble)).length : 0;
  if (count === 0) return [];
  return [
    `${count === 1 ? 'One tensor is' : `${count} tensors are`} float64 in the models and stored as float32.`,
  ];
}

function refused(problems: readonly Problem[]): ForgeError {
  return problemsError(
    'AF_MERGE_CHECKPOINTS',
    'The merge',
    problems,
    'Mend the recipe or the models; nothing was written.',
  );
}
