import type { Engine } from '../../../core/contracts/engine.js';
import type { Handoff } from '../../../core/contracts/handoff.js';
import type { ModelRef } from '../../../core/contracts/model.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { Quantization } from '../../../core/contracts/quantization.js';
import { TOOL, TOOL_TAGS, toolNameTag, type ToolFacts } from '../../../core/contracts/tool.js';
import { BatchWriters } from '../../../nn/generation/index.js';
import { openSplit, type SplitData, type SplitDataset } from '../shared/data/split.js';
import { scoringData, type ScoringData } from '../shared/evaluation/scoring.js';
import type { Measuring } from '../shared/evaluation/untrained.js';
import { growModel, storeTokenizer } from '../shared/model/grow.js';
import { requireInput } from '../shared/model/hand-on.js';
import { openModel, openTokenizer, type OpenedModel, type OwnTokenizer } from '../shared/model/open.js';
import { PartClock } from '../shared/part-clock.js';
import { latentModel, requireLatents, type LatentModel } from '../shared/quantized/latent.js';
import { workedData, type WorkedData } from '../shared/thoughts/examples.js';
import type { Examination } from '../shared/thoughts/examine.js';
import { requireFit } from './fit.js';
import { prepareGenerators } from '../shared/tasks/kinds.js';
import type { CurriculumOptions } from './options.js';
import { AT } from './paths.js';
import type { Asking } from '../shared/tasks/asking.js';
import { TaskBook } from '../shared/tasks/book.js';
import { requireValuesFit } from './value-problems.js';

/** Parts of the phase whose seconds are told. */
export type TimedPart =
  | 'preparation'
  | 'before'
  | 'assessment'
  | 'comparison'
  | 'forge'
  | 'attempts'
  | 'levels'
  | 'dreams'
  | 'retention'
  | 'consolidation'
  | 'values'
  | 'packing'
  | 'after';

/** What the phase reads of the handoff's facts (schemas/handoff/bitnet-to-curriculum.schema.json). */
export interface TernaryFacts {
  readonly thinking_tokens: Readonly<Record<string, number>>;
  readonly thoughts: { readonly most_tokens?: number; readonly tokens: number };
  readonly validation_set: { readonly datasets: readonly string[] };
  readonly perplexity: { readonly after: number };
  readonly compression: { readonly bytes_after: number };
}

/** Everything the parts of the phase work with. */
export interface CurriculumRun extends Asking {
  readonly ctx: PhaseContext;
  readonly options: CurriculumOptions;
  readonly handoff: Handoff;
  readonly facts: TernaryFacts;
  /** The latents as they came. */
  readonly origin: OpenedModel;
  /** The packed model that came in. */
  readonly ternary: ModelRef;
  /** The latents with rows for the tokens of tools. */
  readonly start: LatentModel;
  readonly quantization: Quantization;
  readonly tokenizer: OwnTokenizer;
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
 * Open the latents, give them the tokens of tools, find their data on the sides that were fixed.
 * @throws ForgeError AF_HANDOFF_INVALID without latents, AF_CONFIG_INVALID when sizes do not fit, AF_PLUGIN_UNKNOWN
 */
export async function prepare(
  ctx: PhaseContext,
  options: CurriculumOptions,
  input: Handoff | null,
  clock = new PartClock<TimedPart>(),
): Promise<CurriculumRun> {
  const handoff = requireInput(ctx, input);
  const facts = handoff.facts as unknown as TernaryFacts;
  const origin = await openModel(ctx, requireLatents(handoff));
  const quantization = origin.config.quantization!;
  requireFit(options, origin);
  const { tasks, tools } = options;
  const names = [...tasks.generators, ...(tools.generator === null ? [] : [tools.generator])];
  await prepareGenerators(ctx, names, options.data.samples);
  const book = new TaskBook(ctx, options, 'curriculum');
  const own = await openTokenizer(ctx, origin.ref);
  requireValuesFit(ctx, options, origin, { tokenizer: own.tokenizer, book });
  const grown = growModel(ctx, origin, own, tagsOf(book.tools));
  const tokenizer = book.tools.length === 0 ? own : await storeTokenizer(ctx, grown);
  const data = await openSplit(ctx, handoff);
  const { training, optimizer, objective } = options.forge;
  const { rows, length } = training;
  const lists = { ...options.evaluation, rows, length, datasets: null, balance: false };
  const text = scoringData(data, tokenizer.tokenizer, lists, `${AT}.evaluation`);
  for (const warning of text.warnings) ctx.log.warn(warning);
  const questions = facts.validation_set.datasets;
  const engine = await ctx.engine();
  return {
    ...{ ctx, options, handoff, facts, origin, quantization, tokenizer, book, data, text, engine, clock },
    ternary: handoff.models[1]!,
    start: latentModel(ctx, grown.model, quantization, grown.model.weights),
    language: {
      tokenizer: tokenizer.tokenizer,
      tools: book.tools.length === 0 ? null : toolFacts(book.tools, grown.ids, options.tools),
    },
    tools: new Map(book.tools.map((name) => [name, ctx.resolve(TOOL, name)])),
    worked: workedData(data, questions),
    ordinary: data.sets.filter(({ name }) => !questions.includes(name)),
    examination: {
      ...{ ctx, tokenizer: tokenizer.tokenizer, tags: facts.thinking_tokens },
      thoughtTokens: facts.thoughts.most_tokens ?? facts.thoughts.tokens,
      answerTokens: options.examination.answerTokens,
    },
    measuring: { ctx, engine, training: { ...training, earlyStop: null }, optimizer, objective },
    thinkingTags: facts.thinking_tokens,
    taskTokens: options.examination.taskTokens,
    writers: new BatchWriters(options.examination.rows),
  };
}

function tagsOf(tools: readonly string[]): readonly string[] {
  return tools.length === 0 ? [] : [...TOOL_TAGS, ...tools.map(toolNameTag)];
}

function toolFacts(
  tools: readonly string[],
  ids: Readonly<Record<string, number>>,
  { mostArguments, mostCalls }: CurriculumOptions['tools'],
): ToolFacts {
  return {
    tags: Object.fromEntries(TOOL_TAGS.map((tag) => [tag, ids[tag]!])),
    names: Object.fromEntries(tools.map((name) => [name, ids[toolNameTag(name)]!])),
    most_arguments: mostArguments,
    most_calls: mostCalls,
  };
}
