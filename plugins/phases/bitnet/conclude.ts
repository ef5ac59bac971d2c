import type { PhaseResult } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { weightsHash } from '../../../nn/models/index.js';
import { measureCausality } from '../shared/evaluation/probe.js';
import { sampleText } from '../shared/evaluation/sample.js';
import { integrityOf } from '../shared/integrity.js';
import { recorder } from '../shared/metrics.js';
import { handOn, phaseResult } from '../shared/model/hand-on.js';
import { arranged, type LiveModel } from '../shared/model/open.js';
import { readPackedWeights } from '../shared/model/packed-weights.js';
import { showThoughts, type Examined } from '../shared/thoughts/examine.js';
import type { CalibratedModel } from '../shared/training/recalibrate.js';
import type { Calibrated } from './calibrate.js';
import { handoffFacts } from './facts.js';
import { judgePhase, repeatedTests } from './gates.js';
import type { Mixed } from './mixed.js';
import { ownMetrics, phaseMetrics, qualityOf, reportNumbers, sizesOf } from './numbers.js';
import type { PackedModel } from '../shared/quantized/pack.js';
import { sparsityOf } from '../shared/quantized/pack.js';
import type { BitnetRun } from './prepare.js';
import type { Recovered } from './recover.js';
import type { Measured } from './run.js';
import type { Speed } from './speed.js';
import { storeForms } from '../shared/quantized/store.js';
import { OWN_METRICS, PHASE_METRICS } from './table.js';
import { tablesOf } from './tables.js';
import { thinkingThreshold } from './thinking-threshold.js';

/** Schema id of the handoff 4 -> 5 (schemas/handoff/bitnet-to-curriculum.schema.json). */
const HANDOFF_SCHEMA = 'agentforge:handoff/ternary-model@2';

/** Everything that was made and measured. */
export interface Findings {
  readonly before: Measured;
  readonly start: Calibrated;
  /** Quantised without training. */
  readonly untrained: Measured;
  readonly recovered: Recovered;
  readonly mixed: Mixed;
  readonly packed: PackedModel;
  /** The packed weights as they compute. */
  readonly applied: CalibratedModel;
  /** The file as it runs. */
  readonly live: LiveModel;
  /** The packed weights as half floats. */
  readonly twinWeights: TensorDict;
  readonly examined: Examined;
  readonly after: Measured;
  readonly agreement: number | null;
  readonly speed: Speed | null;
  /** Bytes that the weights take in memory; null where nobody counts them. */
  readonly memory: { readonly ratio: number } | null;
}

/** Store the three forms, judge them, hand them on. */
export async function conclude(run: BitnetRun, findings: Findings): Promise<PhaseResult> {
  const { ctx, options, data, teacher, tokenizer, examination } = run;
  const { packed, applied, recovered, examined } = findings;
  const sizes = sizesOf(findings, teacher.ref.weights.bytes, tokenizer.ref.bytes);
  const quality = qualityOf(findings);
  const { resamples } = options.examination;
  const theater = repeatedTests(examined.arms, { seed: ctx.seed, resamples });
  const threshold = await thinkingThreshold(run, findings.live);
  const before = teacher.ref.metadata.thoughts;
  const forms = await storeForms(ctx, {
    ...{ name: 'ternary', applied, packed, twinWeights: findings.twinWeights },
    ...{ latent: recovered.model, trainingState: recovered.trainingState },
    facts: {
      ...{ tokenizer, data, halting: applied.halting, parents: [teacher.ref] },
      thoughts: before ? { ...before, threshold } : null,
      metrics: {
        final_loss: findings.after.losses.text,
        accuracy_with_thoughts: findings.after.answers.with,
        compression_ratio: sizes.before / sizes.after,
      },
    },
  });
  showThoughts(examination, 'ternary', examined);
  await sampleText(ctx, 'ternary', { model: findings.live, tokenizer: tokenizer.tokenizer }, options.sample);
  const back = arranged(
    await readPackedWeights(ctx, forms.ternary.weights),
    applied.tensors,
    'the packed file',
  );
  const gates = judgePhase({
    ...{ options, theater, sparsity: sparsityOf(packed), agreement: findings.agreement },
    integrity: await integrityFacts(run, findings, forms),
    readBack: weightsHash(back) === weightsHash(packed.weights),
    gradientFlow: recovered.gradientFlow,
    ...{ ratio: sizes.before / sizes.after, bytes: sizes.after, retention: quality.retention },
    ...{ perplexityRise: quality.rise, recovered: quality.recovered },
    speedup: findings.speed?.ratio ?? null,
  });
  const step = recovered.steps;
  const { seconds } = run.clock;
  const metrics = phaseMetrics(findings, sizes, quality);
  const own = ownMetrics(findings, sizes, theater);
  recorder(ctx, PHASE_METRICS).all(metrics, { step });
  recorder(ctx, OWN_METRICS).all(own, { step });
  const models = [forms.ternary, forms.twin, forms.latent];
  return phaseResult({
    ...{ models, gates },
    metrics: { ...metrics, ...own, ...reportNumbers(findings, seconds) },
    tables: tablesOf(findings, { sizes, quality, theater }, seconds),
    handoff: handOn(ctx, {
      ...{ schema: HANDOFF_SCHEMA, models: [forms.latent, forms.ternary, forms.twin], data },
      facts: handoffFacts(run, findings, { sizes, quality, theater, threshold, gates }),
    }),
    warnings: [...data.warnings, ...findings.start.warnings],
  });
}

/** Of the latents and of the half floats; the packed file has a gate of its own, and is causal where it runs. */
async function integrityFacts(
  { ctx, engine, text, options }: BitnetRun,
  { applied, live, recovered, twinWeights }: Findings,
  { latent, twin }: Awaited<ReturnType<typeof storeForms>>,
) {
  const row = text.holdout.batches[0]!.ids.slice(0, options.recovery.training.length);
  const leak = (model: LiveModel): Promise<number> => measureCausality(engine, model, row, ctx.seed);
  const asFloats = { ...applied, weights: twinWeights };
  return [
    await integrityOf(ctx, latent, recovered.model.weights, await leak(recovered.model)),
    await integrityOf(ctx, twin, twinWeights, Math.max(await leak(asFloats), await leak(live))),
  ];
}
