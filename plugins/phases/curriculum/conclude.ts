import type { PhaseResult } from '../../../core/contracts/phase.js';
import { weightsHash } from '../../../nn/models/index.js';
import { measureCausality } from '../shared/evaluation/probe.js';
import { sampleText } from '../shared/evaluation/sample.js';
import { integrityOf } from '../shared/integrity.js';
import { handOn, phaseResult } from '../shared/model/hand-on.js';
import { arranged, type LiveModel } from '../shared/model/open.js';
import { readPackedWeights } from '../shared/model/packed-weights.js';
import { storeForms, type StoredForms } from '../shared/quantized/store.js';
import { theaterReport } from '../shared/theater/index.js';
import { showThoughts } from '../shared/thoughts/examine.js';
import { handoffFacts } from './facts.js';
import { finalAccuracy, type Findings, type Judged } from './findings.js';
import { judgePhase } from './gates.js';
import { rightIn } from '../shared/thoughts/locked.js';
import { tellForge } from './forge-numbers.js';
import { ownMetrics, reportNumbers, tellCurriculum, tellOwn } from './numbers.js';
import type { CurriculumRun } from './prepare.js';
import { tablesOf } from './tables.js';
import type { Forge } from './training.js';

const HANDOFF_SCHEMA = 'agentforge:handoff/forged-model@2';

/** Store the three forms, judge them, hand them on. */
export async function conclude(run: CurriculumRun, forge: Forge, findings: Findings): Promise<PhaseResult> {
  const { ctx, options, data, facts, tokenizer, examination } = run;
  const { end, after } = findings;
  const { resamples } = options.examination;
  const judged: Judged = {
    ...findings,
    theater: theaterReport(
      { arms: after.examined.arms },
      { seed: ctx.seed, resamples, against: ['without', 'other'] },
    ),
    bytes: { before: facts.compression.bytes_after, after: end.packed.bytes.byteLength },
  };
  const forms = await store(run, judged);
  showThoughts(examination, NAME, after.examined);
  await sampleText(ctx, NAME, { model: end.live, tokenizer: tokenizer.tokenizer }, options.sample);
  const back = arranged(
    await readPackedWeights(ctx, forms.ternary.weights),
    end.applied.tensors,
    'the packed file',
  );
  const gates = judgePhase(judged, {
    options,
    integrity: await integrityFacts(run, judged, forms),
    readBack: weightsHash(back) === weightsHash(end.packed.weights),
    reportedLoss: Math.log(facts.perplexity.after),
  });
  const own = ownMetrics(judged);
  tellOwn(ctx, own, forge.step);
  const metrics = {
    ...tellCurriculum(run, judged),
    ...tellForge(ctx, judged, forge),
    ...own,
    ...reportNumbers(judged, run.clock.seconds),
  };
  return phaseResult({
    ...{ gates, metrics, models: [forms.ternary, forms.twin, forms.latent] },
    tables: tablesOf(judged, run.clock.seconds, options.gates.timeReduction),
    handoff: handOn(ctx, {
      ...{ schema: HANDOFF_SCHEMA, models: [forms.latent, forms.ternary, forms.twin], data },
      facts: handoffFacts(run, judged, gates),
    }),
    warnings: data.warnings,
  });
}

/** Of the packed model. */
const NAME = 'forged';

function store(run: CurriculumRun, found: Judged): Promise<StoredForms> {
  const { ctx, tokenizer, data, ternary, language } = run;
  const { packed, applied, twinWeights, latent, trainingState } = found.end;
  return storeForms(ctx, {
    ...{ name: NAME, packed, applied, twinWeights, latent, trainingState },
    facts: {
      ...{ tokenizer, data, halting: applied.halting, parents: [run.origin.ref] },
      thoughts: ternary.metadata.thoughts ?? null,
      ...(language.tools === null ? {} : { tools: language.tools }),
      metrics: {
        final_loss: found.after.text,
        final_accuracy: finalAccuracy(found),
        accuracy_with_thoughts: rightIn(found.after.examined, 'with'),
      },
    },
  });
}

/** Of the latents and of the half floats; the packed file has a gate of its own, and is causal where it runs. */
async function integrityFacts(
  { ctx, engine, text, measuring }: CurriculumRun,
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
