import {
  ARCHITECTURE,
  type Architecture,
  type TensorDescription,
} from '../../../core/contracts/architecture.js';
import type { Handoff } from '../../../core/contracts/handoff.js';
import type { ArtifactRef, ModelRef } from '../../../core/contracts/model.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { TensorDict, TensorSpecs } from '../../../core/contracts/tensor.js';
import { ForgeError } from '../../../core/errors/index.js';
import {
  allFinite,
  architectureHash,
  tokenizerFactsOf,
  weightsHash,
  type TokenizerFacts,
} from '../../../nn/models/index.js';
import { specsOf } from '../../../nn/training/index.js';
import { constantsOf, mergeConstants, type Constants } from './constants.js';
import { groupsOf } from './groups.js';

/** A model the search begins with. */
export interface Parent {
  /** Hash of its weights: its name among individuals. */
  readonly id: string;
  readonly model: ModelRef;
  readonly weights: TensorDict;
  /** Diagonal Fisher information; null when it is not to be used or not there. */
  readonly importance: TensorDict | null;
  readonly constants: Constants;
}

/** Models that can be merged, with their common ancestor. */
export interface Family {
  readonly architecture: Architecture;
  readonly architectureName: string;
  readonly tensors: readonly TensorDescription[];
  readonly specs: TensorSpecs;
  readonly parents: readonly Parent[];
  readonly base: TensorDict;
  /** Of everything that is merged. */
  readonly constants: Constants;
  readonly tokenizer: ArtifactRef;
  readonly tokenizerFacts: TokenizerFacts;
  readonly groups: readonly string[];
  /** Identifies parents and ancestor. */
  readonly hash: string;
}

/** Load and check the models of a handoff. @throws ForgeError AF_HANDOFF_INVALID naming what does not fit */
export async function loadFamily(ctx: PhaseContext, input: Handoff, importance: boolean): Promise<Family> {
  const [first] = input.models;
  if (first === undefined) throw unfit('there are no models');
  const architecture = ctx.resolve(ARCHITECTURE, first.config.architecture);
  const own = constantsOf(ctx, architecture, first);
  const tensors = architecture.describe(own.hyperparameters);
  agree(input.models, 'architecture', (model) => model.config.architecture);
  agree(input.models, 'attributes.trunk_id', (model) => model.metadata.attributes['trunk_id']);
  agree(input.models, 'tokenizer', (model) => model.tokenizer?.sha256);
  agree(input.models, 'tokenizer_kind', (model) => model.metadata.tokenizer_kind);
  const baseRef = input.artifacts['base'];
  if (baseRef === undefined || first.tokenizer === null)
    throw unfit('there is no common ancestor or no tokenizer');
  const base = arranged(await ctx.store.readTensors(baseRef), tensors, 'the common ancestor');
  const parents: Parent[] = [];
  for (const model of input.models)
    parents.push(await loadParent(ctx, architecture, model, tensors, importance));
  return {
    architecture,
    architectureName: first.config.architecture,
    tensors,
    specs: specsOf(base),
    parents,
    base,
    constants: mergeConstants(
      ctx,
      architecture,
      parents.map((parent) => parent.constants),
    ),
    tokenizer: first.tokenizer,
    tokenizerFacts: tokenizerFactsOf(first.metadata),
    groups: groupsOf(tensors),
    hash: [baseRef.sha256, ...input.models.map((model) => model.weights.sha256)].join(' '),
  };
}

async function loadParent(
  ctx: PhaseContext,
  architecture: Architecture,
  model: ModelRef,
  tensors: readonly TensorDescription[],
  importance: boolean,
): Promise<Parent> {
  const constants = constantsOf(ctx, architecture, model);
  const shape = architectureHash(model.config.architecture, architecture.describe(constants.hyperparameters));
  if (shape !== architectureHash(model.config.architecture, tensors))
    throw unfit(`${model.name} has other shapes`);
  const weights = arranged(await ctx.store.readTensors(model.weights), tensors, model.name);
  if (!allFinite(weights)) throw unfit(`${model.name} has weights that are not finite`);
  const fisher = model.sidecars['fisher'];
  return {
    id: weightsHash(weights),
    model,
    weights,
    importance:
      importance && fisher !== undefined
        ? arranged(await ctx.store.readTensors(fisher), tensors, `the Fisher information of ${model.name}`)
        : null,
    constants,
  };
}

/** Tensors in the architecture's order. */
function arranged(found: TensorDict, tensors: readonly TensorDescription[], whose: string): TensorDict {
  return Object.fromEntries(
    tensors.map(({ name, shape }) => {
      const tensor = found[name];
      if (tensor === undefined) throw unfit(`${whose} has no tensor ${name}`);
      if (tensor.shape.join('x') !== shape.join('x')) throw unfit(`${whose} has another shape of ${name}`);
      return [name, tensor];
    }),
  );
}

function agree(models: readonly ModelRef[], what: string, of: (model: ModelRef) => unknown): void {
  const values = models.map(of);
  if (values.some((value) => value !== values[0])) throw unfit(`the models differ in ${what}`);
}

function unfit(why: string): ForgeError {
  return new ForgeError('AF_HANDOFF_INVALID', `These models cannot be merged: ${why}.`, {
    at: 'handoff to evomerge',
    fix: 'Give models that one run of cognate made: agentforge run --from cognate.',
  });
}
