import type { Architecture, TensorDescription } from '../../../../core/contracts/architecture.js';
import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { ModelRef } from '../../../../core/contracts/model.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { TensorDict, TensorSpecs } from '../../../../core/contracts/tensor.js';
import { ForgeError } from '../../../../core/errors/index.js';
import { allFinite, architectureHash, weightsHash } from '../../../../nn/models/index.js';
import { specsOf } from '../../../../nn/training/index.js';
import {
  arranged,
  openModel,
  openTokenizer,
  type LiveModel,
  type OwnTokenizer,
} from '../../shared/model/open.js';
import { requirePlain } from '../../shared/model/plain.js';
import type { EvomergeOptions } from '../options.js';
import { constants, mergeConstants, type Constants } from './constants.js';
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
  readonly tokenizer: OwnTokenizer;
  readonly groups: readonly string[];
  /** Identifies parents and ancestor. */
  readonly hash: string;
}

/** Load and check the models of a handoff. @throws ForgeError AF_HANDOFF_INVALID naming what does not fit */
export async function loadFamily(ctx: PhaseContext, input: Handoff, importance: boolean): Promise<Family> {
  const [first] = input.models;
  if (first === undefined) throw unfit('there are no models');
  agree(input.models, 'architecture', (model) => model.config.architecture);
  agree(input.models, 'attributes.trunk_id', (model) => model.metadata.attributes['trunk_id']);
  agree(input.models, 'tokenizer', (model) => model.tokenizer?.sha256);
  agree(input.models, 'tokenizer_kind', (model) => model.metadata.tokenizer_kind);
  agree(input.models, 'data.split', (model) => model.metadata.data?.split.items);
  const baseRef = input.artifacts['base'];
  if (baseRef === undefined) throw unfit('there is no common ancestor');
  const opened = [];
  for (const model of input.models) requirePlain(model, 'merges');
  for (const model of input.models) opened.push(await openModel(ctx, model));
  const [{ architecture, tensors, config }] = opened as [(typeof opened)[number]];
  const parents: Parent[] = [];
  for (const model of opened) parents.push(await parentOf(ctx, model, tensors, importance));
  const base = arranged(await ctx.store.readTensors(baseRef), tensors, 'The common ancestor');
  const all = parents.map((parent) => parent.constants);
  return {
    architecture,
    architectureName: config.architecture,
    tensors,
    specs: specsOf(base),
    parents,
    base,
    constants: mergeConstants(ctx, { name: config.architecture, architecture }, all),
    tokenizer: await openTokenizer(ctx, first),
    groups: groupsOf(tensors),
    hash: [baseRef.sha256, ...input.models.map((model) => model.weights.sha256)].join(' '),
  };
}

/** Weights of the family with constants, ready to compute with. */
export function liveModel(
  { architecture, architectureName, tensors }: Family,
  weights: TensorDict,
  { hyperparameters, halt }: Constants,
): LiveModel {
  const config = { architecture: architectureName, hyperparameters };
  return { architecture, config, tensors, weights, ...(halt === undefined ? {} : { halt }) };
}

/** Rows no longer than the models read. */
export function rowLength({ evaluation }: EvomergeOptions, { architecture, constants: own }: Family): number {
  return Math.min(evaluation.length, architecture.contextLength(own.hyperparameters));
}

async function parentOf(
  ctx: PhaseContext,
  { ref, config, weights, halting, tensors: own }: Awaited<ReturnType<typeof openModel>>,
  tensors: readonly TensorDescription[],
  importance: boolean,
): Promise<Parent> {
  if (architectureHash(config.architecture, own) !== architectureHash(config.architecture, tensors))
    throw unfit(`${ref.name} has other shapes`);
  if (!allFinite(weights)) throw unfit(`${ref.name} has weights that are not finite`);
  const fisher = importance ? ref.sidecars['fisher'] : undefined;
  return {
    id: weightsHash(weights),
    model: ref,
    weights,
    importance:
      fisher === undefined
        ? null
        : arranged(await ctx.store.readTensors(fisher), tensors, `The Fisher information of ${ref.name}`),
    constants: constants(config.hyperparameters, halting),
  };
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
