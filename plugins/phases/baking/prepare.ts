import type { Engine } from '../../../core/contracts/engine.js';
import type { Handoff } from '../../../core/contracts/handoff.js';
import type { ModelRef } from '../../../core/contracts/model.js';
import { PERSONA, personaTag, type Persona } from '../../../core/contracts/persona.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { Quantization } from '../../../core/contracts/quantization.js';
import { TOOL, type ToolFacts } from '../../../core/contracts/tool.js';
import { ForgeError } from '../../../core/errors/index.js';
import { BatchWriters } from '../../../nn/generation/index.js';
import { stream } from '../../../nn/random/index.js';
import { openSplit, type SplitData, type SplitDataset } from '../shared/data/split.js';
import { scoringData, type ScoringData } from '../shared/evaluation/scoring.js';
import type { Measuring } from '../shared/evaluation/untrained.js';
import { growModel, storeTokenizer } from '../shared/model/grow.js';
import { requireInput } from '../shared/model/hand-on.js';
import {
  openModel,
  openTokenizer,
  type LiveModel,
  type OpenedModel,
  type OwnTokenizer,
} from '../shared/model/open.js';
import { PartClock } from '../shared/part-clock.js';
import { latentModel, requireLatents, type LatentModel } from '../shared/quantized/latent.js';
import type { Asking } from '../shared/tasks/asking.js';
import { TaskBook } from '../shared/tasks/book.js';
import { prepareGenerators } from '../shared/tasks/kinds.js';
import { workedData, type WorkedData } from '../shared/thoughts/examples.js';
import type { Examination } from '../shared/thoughts/examine.js';
import { requireFit } from './fit.js';
import type { BakingOptions } from './options.js';
import { AT } from './paths.js';
import { personasOf } from './personas/named.js';

/** Parts of the phase whose seconds are told. */
export type TimedPart =
  'preparation' | 'before' | 'tools' | 'lessons' | 'personas' | 'forgetting' | 'cycles' | 'packing' | 'after';

/** What the phase reads of the handoff's facts (schemas/handoff/curriculum-to-baking.schema.json). */
export interface ForgedFacts {
  readonly thinking_tokens: Readonly<Record<string, number>>;
  readonly thoughts: { readonly most_tokens?: number; readonly tokens: number };
  readonly validation_set: { readonly datasets: readonly string[] };
  readonly perplexity: { readonly after: number };
  readonly compression: { readonly bytes_after: number };
  readonly tools: { readonly facts: ToolFacts | null };
  readonly baked_prompts: readonly string[];
}

/** Everything the parts of the phase work with. */
export interface BakingRun extends Asking {
  readonly ctx: PhaseContext;
  readonly options: BakingOptions;
  readonly handoff: Handoff;
  readonly facts: ForgedFacts;
  /** The latents as they came. */
  readonly origin: OpenedModel;
  /** The packed model that came in. */
  readonly ternary: ModelRef;
  /** The latents with rows for the tokens of personas. */
  readonly start: LatentModel;
  readonly quantization: Quantization;
  readonly tokenizer: OwnTokenizer;
  /** Names of the tools that are to be baked. */
  readonly toolNames: readonly string[];
  readonly personas: ReadonlyMap<string, Persona>;
  /** Ids of the tokens that stand for personas; empty where adapters do. */
  readonly personaTags: Readonly<Record<string, number>>;
  readonly book: TaskBook;
  readonly data: SplitData;
  readonly worked: WorkedData;
  /** Datasets without worked thoughts. */
  readonly ordinary: readonly SplitDataset[];
  /** Held-out text: to choose by, and locked. */
  readonly text: ScoringData;
  readonly examination: Examination;
  readonly measuring: Measuring;
  readonly engine: Engine;
  readonly clock: PartClock<TimedPart>;
}

/**
 * Open the latents, give them the tokens of personas, find their data on the sides that were fixed.
 * @throws ForgeError AF_HANDOFF_INVALID without latents, AF_CONFIG_INVALID for a tool that the model was not taught and for
 * what does not fit, AF_PLUGIN_UNKNOWN
 */
export async function prepare(
  ctx: PhaseContext,
  options: BakingOptions,
  input: Handoff | null,
  clock = new PartClock<TimedPart>(),
): Promise<BakingRun> {
  const handoff = requireInput(ctx, input);
  const facts = handoff.facts as unknown as ForgedFacts;
  const origin = await openModel(ctx, requireLatents(handoff));
  const quantization = origin.config.quantization!;
  const taught = facts.tools.facts;
  const { generator, use, questions } = options.tools;
  const toolNames = requireTaught(use, generator === null ? null : taught);
  const asks = taught === null ? null : generator;
  await prepareGenerators(ctx, [...options.plain, ...(asks === null ? [] : [asks])], questions);
  const spoken = await withPersonas(ctx, options, { origin, quantization, toolNames });
  const data = await openSplit(ctx, handoff);
  const engine = await ctx.engine();
  const { datasets } = facts.validation_set;
  return {
    ...{ ctx, options, handoff, facts, origin, quantization, toolNames, data, engine, clock },
    ...spoken,
    ternary: handoff.models[1]!,
    language: { tokenizer: spoken.tokenizer.tokenizer, tools: taught },
    tools: new Map(Object.keys(taught?.names ?? {}).map((name) => [name, ctx.resolve(TOOL, name)])),
    book: bookOf(ctx, options, asks),
    text: textOf(ctx, options, data, spoken.tokenizer),
    worked: workedData(data, datasets),
    ordinary: data.sets.filter(({ name }) => !datasets.includes(name)),
    examination: {
      ...{ ctx, tokenizer: spoken.tokenizer.tokenizer, tags: facts.thinking_tokens },
      thoughtTokens: facts.thoughts.most_tokens ?? facts.thoughts.tokens,
      answerTokens: options.examination.answerTokens,
    },
    thinkingTags: facts.thinking_tokens,
    taskTokens: options.examination.taskTokens,
    measuring: measuringOf(ctx, options, engine),
    writers: new BatchWriters(options.examination.rows),
  };
}

/** The model with rows for the tokens of its personas, where those switch; it has room for what it is to read. */
async function withPersonas(
  ctx: PhaseContext,
  options: BakingOptions,
  { origin, quantization, toolNames: tools }: Pick<BakingRun, 'origin' | 'quantization' | 'toolNames'>,
): Promise<Pick<BakingRun, 'tokenizer' | 'start' | 'personas' | 'personaTags'>> {
  const names = personasOf(options);
  const personas = new Map(names.map((name) => [name, ctx.resolve(PERSONA, name)]));
  const own = await openTokenizer(ctx, origin.ref);
  if (options.personas.switching === 'adapters' || names.length === 0) {
    requireFit(ctx, options, { model: origin, tokenizer: own.tokenizer, tools });
    return { personas, personaTags: {}, tokenizer: own, start: latentOf(ctx, origin, quantization) };
  }
  const grown = growModel(ctx, origin, own, names.map(personaTag));
  requireFit(ctx, options, { ...grown, tools });
  return {
    personas,
    personaTags: Object.fromEntries(names.map((name) => [name, grown.ids[personaTag(name)]!])),
    tokenizer: await storeTokenizer(ctx, grown),
    start: latentOf(ctx, grown.model, quantization),
  };
}

function bookOf(ctx: PhaseContext, { plain }: BakingOptions, generator: string | null): TaskBook {
  const tools = { generator, share: 0.5, manuals: 1, bystanders: [] };
  return new TaskBook(ctx, { tasks: { generators: plain }, tools }, 'baking');
}

/** Held-out text in rows of the lessons. */
function textOf(ctx: PhaseContext, options: BakingOptions, data: SplitData, own: OwnTokenizer): ScoringData {
  const { rows, length } = options.personas.lessons.training;
  const lists = { ...options.evaluation, rows, length, datasets: null, balance: false };
  const text = scoringData(data, own.tokenizer, lists, `${AT}.evaluation`);
  for (const warning of text.warnings) ctx.log.warn(warning);
  return text;
}

function measuringOf(ctx: PhaseContext, { personas, objective }: BakingOptions, engine: Engine): Measuring {
  const { training, optimizer } = personas.lessons;
  return { ctx, engine, optimizer, objective, training: { ...training, earlyStop: null } };
}

function latentOf(ctx: PhaseContext, model: LiveModel, quantization: Quantization): LatentModel {
  return latentModel(ctx, model, quantization, model.weights);
}

/** @throws ForgeError AF_CONFIG_INVALID for tools that the model has no token for */
function requireTaught(use: readonly string[] | null, taught: ToolFacts | null): readonly string[] {
  const known = Object.keys(taught?.names ?? {});
  const problems = (use ?? []).flatMap((name, i) =>
    known.includes(name)
      ? []
      : [
          {
            at: `${AT}.tools.use[${i}]`,
            message: 'the model was not taught this tool',
            expected: known.length === 0 ? 'nothing: it was taught no tools' : known.join(', '),
            found: name,
            fix: 'teach it in phase 5 (phases.curriculum.tools), or leave it out',
          },
        ],
  );
  if (problems.length === 0) return use ?? known;
  throw new ForgeError('AF_CONFIG_INVALID', 'Tools cannot be baked as they are asked for.', { problems });
}

/** Named random numbers of the phase. */
export function randomOf({ ctx }: Pick<BakingRun, 'ctx'>, ...words: readonly string[]) {
  return stream(ctx.seed, 'baking', ...words);
}
