import { BAKING, type BakingExample } from '../../../core/contracts/baking.js';
import type { Engine, EngineState, Program } from '../../../core/contracts/engine.js';
import {
  evaluateThinking,
  fitCoherence,
  textMeasuresSource,
  VALID_COHERENCE,
  type CoherenceStatistics,
  type MeasuredText,
  type TextRows,
  type ThinkingItem,
  type ThinkingResult,
  type ThoughtShape,
} from '../../../nn/thoughts/index.js';
import { inGroup, specsOf } from '../../../nn/training/index.js';
import { bakingBatches } from '../shared/baking/rows.js';
import type { LiveModel } from '../shared/model/open.js';
import { directExamples, recalledHeldOut } from '../shared/thoughts/examples.js';
import { earlierSets, type QuietstarRun } from './prepare.js';
import { markersOf, unsayable } from './markers.js';
import type { QuietThinker } from './quiet.js';
import { shapeOf } from './thought-shape.js';

/** What thoughts do to the next tokens of held-out text, where the model is most unsure. */
export interface TextFindings {
  readonly thinking: ThinkingResult;
  /** Of the frozen model that thoughts are judged by. */
  readonly statistics: CoherenceStatistics;
  readonly millisecondsPerThought: number | null;
}

/** Means over judged thoughts, for metrics; null where there is none. JSON. */
export interface Coherence {
  readonly thoughts: number;
  readonly valid: number;
  readonly A: number | null;
  readonly B: number | null;
  readonly semantic: number | null;
  readonly logical: number | null;
  readonly relevance: number | null;
  readonly fluency: number | null;
}

/** Most places that are thought at. */
const MOST_PLACES = 256;

/**
 * Think at the hardest fifth of the places of held-out text and questions, once each, with the likeliest thought.
 * @param judge the model of step 1, frozen
 */
export async function examineText(
  run: QuietstarRun,
  { model, mixing }: Pick<QuietThinker, 'model' | 'mixing'>,
  judge: LiveModel,
): Promise<TextFindings> {
  const { engine, options, tokenizer } = run;
  const { architecture, config, weights } = model;
  const { thoughts: _, ...shape } = shapeOf(options);
  const { rows } = options.quiet.training;
  const batches = heldOutText(run);
  const statistics = await statisticsOf(engine, judge, batches, { ...shape, rows });
  const markers = markersOf(run);
  const hyperparameters = config.hyperparameters;
  const began = performance.now();
  const thinking = await evaluateThinking(
    {
      ...{ engine, architecture, config: hyperparameters, markers, excluded: unsayable(run) },
      weights: { ...weights, ...mixing },
    },
    batches,
    {
      ...{ shape, rows, limit: MOST_PLACES, ending: true },
      judge: { weights: judge.weights, statistics, decode: (ids) => tokenizer.tokenizer.decode(ids) },
    },
  );
  const count = thinking.items.length;
  const milliseconds = performance.now() - began;
  return { thinking, statistics, millisecondsPerThought: count === 0 ? null : milliseconds / count };
}

/** Held-out text of the champion's own data, and questions with their answers. */
function heldOutText(run: QuietstarRun): readonly TextRows[] {
  const { ctx, options, worked, data, tokenizer } = run;
  const { training } = options.quiet;
  const tokens = options.examination.hardRows * training.length;
  const method = ctx.resolve(BAKING, 'traces');
  const known = worked.locked.filter(({ part }) => part === 'known');
  const room = { tokens, length: training.length };
  const earlier = recalledHeldOut(earlierSets(data, options), tokenizer.tokenizer, room);
  const questions = directExamples(known, [], tokenizer.tokenizer, { ...room, replay: 0 });
  // Packing puts long ones first: what is taken is taken before it.
  const of = (examples: readonly BakingExample[]) =>
    method.rows(examples, tokenizer.tokenizer, { length: training.length, promptLength: 0 }).rows;
  const rows = [...of(earlier), ...of(questions)];
  return bakingBatches({ rows, extras: {} }, training.rows);
}

/** What coherence is measured against: how the frozen model reads text. */
export async function statisticsOf(
  engine: Engine,
  { architecture, config, weights }: LiveModel,
  batches: readonly TextRows[],
  { base, length, rows }: Pick<ThoughtShape, 'base' | 'length'> & { readonly rows: number },
): Promise<CoherenceStatistics> {
  const model = { architecture, config: config.hyperparameters, specs: specsOf(weights) };
  const { fn, spec } = textMeasuresSource(model, rows, base);
  const program = await engine.compile(fn, spec);
  try {
    const state = await engine.createState(inGroup('param', weights));
    try {
      const measured = await measuredText(program, state, batches);
      const vocabulary = architecture.vocabularySize(config.hyperparameters);
      return fitCoherence(measured, { base, length, vocabulary });
    } finally {
      await state.dispose();
    }
  } finally {
    await program.dispose();
  }
}

async function measuredText(
  program: Program,
  state: EngineState,
  batches: readonly TextRows[],
): Promise<MeasuredText[]> {
  const measured: MeasuredText[] = [];
  for (const { ids, targets, segments } of batches) {
    const { nll } = await program.run({ ids, targets, segments }, { state });
    measured.push({ ids, targets, segments, nll: nll!.data as Float32Array });
  }
  return measured;
}

/** How coherent thoughts were, by both weightings. */
export function coherenceOf(items: readonly ThinkingItem[]): Coherence {
  const judged = items.flatMap(({ coherence }) => (coherence === null ? [] : [coherence]));
  const mean = (of: (one: (typeof judged)[number]) => number): number | null =>
    judged.length === 0 ? null : judged.reduce((sum, one) => sum + of(one), 0) / judged.length;
  return {
    thoughts: judged.length,
    valid: judged.filter(({ B }) => B >= VALID_COHERENCE).length,
    A: mean(({ A }) => A),
    B: mean(({ B }) => B),
    semantic: mean(({ semantic }) => semantic),
    logical: mean(({ logical }) => logical),
    relevance: mean(({ relevance }) => relevance),
    fluency: mean(({ fluency }) => fluency),
  };
}
