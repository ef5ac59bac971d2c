import type { TensorDescription } from '../../../../core/contracts/architecture.js';
import type { HaltingFacts } from '../../../../core/contracts/data-facts.js';
import type { ArtifactRef, ModelRef } from '../../../../core/contracts/model.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { TOKENIZER, type Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { ForgeError } from '../../../../core/errors/index.js';
import type { HaltingRule } from '../../../../nn/evaluation/index.js';
import { haltingRule } from '../../../../nn/halting/index.js';
import { modelTokenizer, tokenizerFactsOf, type TokenizerFacts } from '../../../../nn/models/index.js';
import { readModelWeights } from './packed-weights.js';
import { shapeOf, type ModelShape } from './shape.js';

/** A model in memory, ready to compute with. */
export interface LiveModel extends ModelShape {
  /** In the architecture's order. */
  readonly weights: TensorDict;
  /** Absent: every recursion step is taken. */
  readonly halt?: HaltingRule;
}

/** A model of a handoff, in memory. */
export interface OpenedModel extends LiveModel {
  readonly ref: ModelRef;
  readonly halting: HaltingFacts | null;
}

/** A tokenizer with its file and what metadata say of it. */
export interface OwnTokenizer {
  readonly tokenizer: Tokenizer;
  readonly ref: ArtifactRef;
  readonly facts: TokenizerFacts;
}

type Opening = Pick<PhaseContext, 'resolve' | 'validate' | 'names' | 'store'>;

/**
 * Open a model that came in: verified weights, hyper-parameters, halting rule, all as its record has them. Packed weights
 * become floats. A quantised model computes as its config says; a phase that changes weights and does not handle that
 * refuses it ({@link requirePlain}).
 *
 * @throws ForgeError AF_CONFIG_INVALID, AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT, AF_HANDOFF_INVALID when a tensor is
 * missing or has another shape; of packed weights AF_PACKED_FORMAT, AF_MODEL_TENSORS, AF_PLUGIN_UNKNOWN
 */
export async function openModel(ctx: Opening, ref: ModelRef): Promise<OpenedModel> {
  const shape = shapeOf(ctx, ref.config, `model ${ref.id}`);
  const { halting } = ref.metadata;
  const halt = haltingRule(halting);
  return {
    ...shape,
    ref,
    weights: arranged(await readModelWeights(ctx, ref, shape.tensors), shape.tensors, ref.name),
    halting,
    ...(halt === undefined ? {} : { halt }),
  };
}

/** The tokenizer a model was trained with. @throws ForgeError AF_HANDOFF_INVALID when it has none, AF_MODEL_TOKENIZER */
export async function openTokenizer(ctx: Opening, model: ModelRef): Promise<OwnTokenizer> {
  const { tokenizer: ref } = model;
  if (ref === null) {
    throw new ForgeError('AF_HANDOFF_INVALID', `The model ${model.name} has no tokenizer.`, {
      at: `model ${model.id}`,
      fix: 'Give a model that was trained on text.',
    });
  }
  const tokenizer = modelTokenizer(model, await ctx.store.readText(ref), {
    names: ctx.names(TOKENIZER),
    resolve: (kind) => ctx.resolve(TOKENIZER, kind),
  });
  return { tokenizer, ref, facts: tokenizerFactsOf(model.metadata) };
}

/**
 * Tensors in the architecture's order, all there and of the right shapes.
 * @param whose for messages
 * @throws ForgeError AF_HANDOFF_INVALID
 */
export function arranged(
  found: TensorDict,
  tensors: readonly TensorDescription[],
  whose: string,
): TensorDict {
  return Object.fromEntries(
    tensors.map(({ name, shape }) => {
      const tensor = found[name];
      if (tensor?.shape.join('x') === shape.join('x')) return [name, tensor];
      const why = tensor === undefined ? `has no tensor ${name}` : `has another shape of ${name}`;
      throw new ForgeError('AF_HANDOFF_INVALID', `${whose} ${why}.`, {
        at: `tensor ${name}`,
        fix: 'Weights and config belong to different models: run the phase that made them again.',
        facts: { expected: shape, found: tensor?.shape ?? null },
      });
    }),
  );
}
