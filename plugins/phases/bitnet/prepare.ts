import type { Engine } from '../../../core/contracts/engine.js';
import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import { openSplit, type SplitData, type SplitDataset } from '../shared/data/split.js';
import { scoringData, type ScoringData } from '../shared/evaluation/scoring.js';
import type { Measuring } from '../shared/evaluation/untrained.js';
import { requireInput } from '../shared/model/hand-on.js';
import { requirePlain } from '../shared/model/plain.js';
import { openModel, openTokenizer, type OpenedModel, type OwnTokenizer } from '../shared/model/open.js';
import { PartClock } from '../shared/part-clock.js';
import { workedData, type WorkedData } from '../shared/thoughts/examples.js';
import type { Examination } from '../shared/thoughts/examine.js';
import { requireFit } from './fit.js';
import type { BitnetOptions } from './options.js';
import { recoveryRows, type RecoveryRows } from './rows.js';
import { AT } from './paths.js';

/** Parts of the phase whose seconds are told. */
export type TimedPart =
  | 'preparation'
  | 'before'
  | 'calibration'
  | 'untrained'
  | 'recovery'
  | 'mixed'
  | 'packing'
  | 'after'
  | 'speed';

/** What the phase reads of the handoff's facts (schemas/handoff/quietstar-to-bitnet.schema.json). */
interface ThinkerFacts {
  readonly thinking_tokens: Readonly<Record<string, number>>;
  readonly thoughts: { readonly most_tokens?: number; readonly tokens: number };
  readonly validation_set: { readonly datasets: readonly string[] };
}

/** Everything the parts of the phase work with. */
export interface BitnetRun {
  readonly ctx: PhaseContext;
  readonly options: BitnetOptions;
  readonly handoff: Handoff;
  /** The model that came in: teacher and measure. */
  readonly teacher: OpenedModel;
  readonly tokenizer: OwnTokenizer;
  readonly data: SplitData;
  /** Its questions with worked thoughts. */
  readonly worked: WorkedData;
  /** Datasets without worked thoughts. */
  readonly ordinary: readonly SplitDataset[];
  /** Held-out text: to choose by, and locked. */
  readonly text: ScoringData;
  /** What recovery trains on. */
  readonly rows: RecoveryRows;
  readonly examination: Examination;
  readonly measuring: Measuring;
  readonly engine: Engine;
  readonly clock: PartClock<TimedPart>;
}

/**
 * Open the thinker, find its data on the sides that were fixed.
 * @throws ForgeError AF_HANDOFF_INVALID, AF_CONFIG_INVALID when formats or sizes do not fit the model, AF_DATA_EMPTY
 */
export async function prepare(
  ctx: PhaseContext,
  options: BitnetOptions,
  input: Handoff | null,
  clock = new PartClock<TimedPart>(),
): Promise<BitnetRun> {
  const handoff = requireInput(ctx, input);
  const facts = handoff.facts as unknown as ThinkerFacts;
  requirePlain(handoff.models[0]!, 'quantises');
  const teacher = await openModel(ctx, handoff.models[0]!);
  const tokenizer = await openTokenizer(ctx, teacher.ref);
  requireFit(ctx, options, teacher);
  const data = await openSplit(ctx, handoff);
  const { rows, length } = options.recovery.training;
  const lists = { ...options.evaluation, rows, length, datasets: null, balance: false };
  const text = scoringData(data, tokenizer.tokenizer, lists, `${AT}.evaluation`);
  for (const warning of text.warnings) ctx.log.warn(warning);
  const questions = facts.validation_set.datasets;
  const { optimizer, objective } = options.recovery;
  const training = { ...options.recovery.training, earlyStop: null };
  const engine = await ctx.engine();
  const ordinary = data.sets.filter(({ name }) => !questions.includes(name));
  const worked = workedData(data, questions);
  return {
    ...{ ctx, options, handoff, teacher, tokenizer, data, text, engine, clock, worked, ordinary },
    rows: recoveryRows({ ctx, options, worked, ordinary, tokenizer, teacher }),
    examination: {
      ...{ ctx, tokenizer: tokenizer.tokenizer, tags: facts.thinking_tokens },
      thoughtTokens: facts.thoughts.most_tokens ?? facts.thoughts.tokens,
      answerTokens: options.examination.answerTokens,
    },
    measuring: { ctx, engine, training, optimizer, objective },
  };
}
