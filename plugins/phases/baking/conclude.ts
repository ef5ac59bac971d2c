import type { ArtifactRef } from '../../../core/contracts/model.js';
import type { PhaseResult } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { weightsHash } from '../../../nn/models/index.js';
import { measureCausality } from '../shared/evaluation/probe.js';
import { sampleText } from '../shared/evaluation/sample.js';
import { integrityOf } from '../shared/integrity.js';
import { handOn, phaseResult } from '../shared/model/hand-on.js';
import { arranged, type LiveModel } from '../shared/model/open.js';
import { readPackedWeights } from '../shared/model/packed-weights.js';
import { storeForms, type StoredForms } from '../shared/quantized/store.js';
import { theaterReport } from '../shared/theater/index.js';
import { rightIn } from '../shared/thoughts/locked.js';
import { handoffFacts, tagsOf } from './facts.js';
import { bakedNames, consistencies, meanOf, meanOfTools, type Findings, type Judged } from './findings.js';
import { judgePhase } from './gates.js';
import type { BakedModel } from './model.js';
import { ownMetrics, reportNumbers, tellDocumented, tellOwn } from './numbers.js';
import { PERSONA_SIDECAR, storeBank, type BankEntry } from './personas/bank.js';
import type { BakingRun } from './prepare.js';
import { showAnswers } from './show.js';
import { tablesOf } from './tables.js';

const HANDOFF_SCHEMA = 'agentforge:handoff/baked-model@2';

/** Of the packed model. */
const NAME = 'baked';

/** Store the three forms and the bank of personas, judge them, hand them on. */
export async function conclude(
  run: BakingRun,
  baked: BakedModel,
  findings: Findings,
  personas: ReadonlyMap<string, TensorDict>,
): Promise<PhaseResult> {
  const { ctx, options, data, facts, tokenizer } = run;
  const { end, after } = findings;
  const judged: Judged = {
    ...findings,
    theater: theaterReport(
      { arms: after.examined.arms },
      { seed: ctx.seed, resamples: RESAMPLES, against: ['without', 'other'] },
    ),
    bytes: { before: facts.compression.bytes_after, after: end.packed.bytes.byteLength },
  };
  const bank = await storeBank(run, baked, personas, end.packed);
  const forms = await store(run, judged, bank);
  await showAnswers(run, NAME, end.live, judged);
  await sampleText(ctx, NAME, { model: end.live, tokenizer: tokenizer.tokenizer }, options.sample);
  const gates = judgePhase(judged, {
    options,
    integrity: await integrityFacts(run, judged, forms),
    ...(await formatFacts(run, judged, forms)),
  });
  const own = ownMetrics(judged);
  tellOwn(ctx, judged, own);
  return phaseResult({
    ...{ gates, models: [forms.ternary, forms.twin, forms.latent] },
    metrics: { ...tellDocumented(ctx, judged), ...own, ...reportNumbers(run.clock.seconds) },
    tables: tablesOf(judged, run.clock.seconds),
    handoff: handOn(ctx, {
      ...{ schema: HANDOFF_SCHEMA, models: [forms.latent, forms.ternary, forms.twin], data },
      artifacts: sidecarsOf(bank),
      facts: handoffFacts(run, judged, { gates, bank }),
    }),
    warnings: data.warnings,
  });
}

/** Of the bootstrap of thoughts. */
const RESAMPLES = 2000;

function sidecarsOf(bank: readonly BankEntry[]): Record<string, ArtifactRef> {
  return Object.fromEntries(bank.map(({ persona, file }) => [`${PERSONA_SIDECAR}${persona}`, file]));
}

function store(run: BakingRun, found: Judged, bank: readonly BankEntry[]): Promise<StoredForms> {
  const { ctx, tokenizer, data, ternary, language } = run;
  const { packed, applied, twinWeights, latent } = found.end;
  return storeForms(ctx, {
    ...{ name: NAME, packed, applied, twinWeights, latent, trainingState: {} },
    sidecars: sidecarsOf(bank),
    facts: {
      ...{ tokenizer, data, halting: applied.halting, parents: [run.origin.ref] },
      thoughts: ternary.metadata.thoughts ?? null,
      ...(language.tools === null
        ? {}
        : { tools: { ...language.tools, unprompted: bakedNames(found, 'tool') } }),
      ...(found.personas.names.length === 0
        ? {}
        : { personas: { tags: tagsOf(run, found), turns: turnsTaught(run.options) } }),
      metrics: {
        final_loss: found.after.text,
        tool_success_rate: meanOfTools(found),
        persona_consistency: meanOf(consistencies(found)),
        accuracy_with_thoughts: rightIn(found.after.examined, 'with'),
      },
    },
  });
}

/** Of the conversations in the lessons. */
function turnsTaught({ personas: { lessons } }: BakingRun['options']): number {
  return lessons.steps === 0 || lessons.turns === 0 ? 0 : lessons.mostTurns;
}

/** Of the latents and of the half floats; the packed file has a gate of its own, and is causal where it runs. */
async function integrityFacts(
  { ctx, engine, text, measuring }: BakingRun,
  { end }: Judged,
  { latent, twin }: StoredForms,
) {
  const row = text.holdout.batches[0]!.ids.slice(0, measuring.training.length);
  const leak = (model: LiveModel): Promise<number> => measureCausality(engine, model, row, ctx.seed);
  const asFloats = { ...end.applied, weights: end.twinWeights };
  return [
    await integrityOf(ctx, latent, end.latent.weights, await leak(end.latent)),
    await integrityOf(ctx, twin, end.twinWeights, Math.max(await leak(asFloats), await leak(end.live))),
  ];
}

/** Whether the file gives its weights back, and every matrix is in the format that it came in. */
async function formatFacts({ ctx, quantization }: BakingRun, { end }: Judged, { ternary }: StoredForms) {
  const read = await readPackedWeights(ctx, ternary.weights);
  const back = arranged(read, end.applied.tensors, 'the packed file');
  const reformatted = end.packed.tensors.filter(({ tensor: { name }, format }) => {
    const before = quantization.formats[name];
    return before !== undefined && JSON.stringify(before) !== JSON.stringify(format);
  });
  return {
    readBack: weightsHash(back) === weightsHash(end.packed.weights),
    reformatted: reformatted.map(({ tensor }) => tensor.name),
  };
}
