import type { ArtifactRef, ModelRef } from '../../../core/contracts/model.js';
import { weightsHash } from '../../../nn/models/index.js';
import type { TheaterReport } from '../shared/theater/index.js';
import type { Findings } from './conclude.js';
import { ledgerOf } from './ledger.js';
import type { QuietstarRun } from './prepare.js';
import type { Coherence } from './text.js';

/** Files beside the thinker: the mixing head, what was baked, what thoughts are judged by, and every answer of the examination. */
export async function sideFiles(
  { ctx }: QuietstarRun,
  { mixing, text, examined, baked }: Findings,
): Promise<Readonly<Record<string, ArtifactRef>>> {
  const { mu, sigma, idf } = text.statistics;
  const scorer = { mu, sigma, idf: Array.from(idf) };
  const answers = examined.map(({ part, records, arms }) => ({
    part,
    questions: records.map(({ question, answer, family, strategy }) => ({
      question,
      answer,
      family,
      strategy,
    })),
    arms: arms.arms,
  }));
  return {
    scorer: await ctx.store.put('scorer.json', `${JSON.stringify(scorer)}\n`),
    baking: await ctx.store.put('baking.json', `${JSON.stringify(ledgerOf(baked))}\n`),
    examination: await ctx.store.put('examination.json', `${JSON.stringify(answers)}\n`),
    ...(mixing === null || Object.keys(mixing).length === 0
      ? {}
      : {
          mixing_head: await ctx.store.putTensors('mixing-head.safetensors', mixing, {
            metadata: { format: 'pt', content: 'mixing head' },
          }),
        }),
  };
}

interface Judged {
  readonly theater: TheaterReport;
  readonly coherence: Coherence;
  readonly model: ModelRef;
}

/** What the next phase is told (schemas/handoff/quietstar-to-bitnet.schema.json). */
export function handoffFacts(
  { options, grown, champion }: QuietstarRun,
  { baked, step1, choice, text, latency, ordinary, threshold }: Findings,
  { theater, coherence, model }: Judged,
): Record<string, unknown> {
  const { tokens, talk, samples } = options.thoughts;
  const value = (name: string): number | null =>
    theater.tests.find((test) => test.name === name)?.value ?? null;
  const own = theater.accuracy.with?.value ?? null;
  const without = theater.accuracy.without?.value ?? null;
  return {
    champion: champion.ref.id,
    thinking_tokens: grown.ids,
    thoughts: {
      ...{ tokens, talk, samples, threshold, min_interval: options.injection.minInterval },
      most_tokens: options.examination.thoughtTokens,
    },
    baking_accuracy: own,
    baking: ledgerOf(baked),
    step_1: { ...step1, questions: 'to choose by' },
    accuracy_with_thoughts: own,
    accuracy_without_thoughts: without,
    accuracy_improvement: own === null || without === null ? null : own - without,
    validation_set: { datasets: options.data.datasets, part: 'known', items: theater.items },
    coherence_score: coherence.A,
    validity_rate: coherence.thoughts === 0 ? null : coherence.valid / coherence.thoughts,
    anti_theater: {
      all_passed: theater.all_passed,
      divergence: value('T1_divergence'),
      ablation_drop: value('T2_ablation'),
      correlation: value('T3_pearson'),
      tests: theater.tests,
      v_b: theater.v_b,
    },
    step_2: choice === null ? null : { ...choice },
    reference_sha256: weightsHash(baked.thinker.weights),
    hard_tokens: {
      places: text.thinking.items.length,
      loss_with: text.thinking.lossWith,
      loss_without: text.thinking.lossWithout,
      accuracy_with: text.thinking.accuracyWith,
      accuracy_without: text.thinking.accuracyWithout,
    },
    ordinary_loss: { before: ordinary.before.all.crossEntropy, after: ordinary.after.all.crossEntropy },
    latency: latency === null ? null : { ...latency },
    // Never to be made ternary: rows of the tags, the mixing head, the numbers of the scorer.
    keep_exact: [
      'thinking_tokens',
      ...Object.keys(model.sidecars).filter((name) => name === 'mixing_head' || name === 'scorer'),
    ],
  };
}
