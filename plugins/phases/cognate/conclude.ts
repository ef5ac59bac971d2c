import type { PhaseResult } from '../../../core/contracts/phase.js';
import { recorder, sheetOf } from '../shared/metrics.js';
import { handOn, phaseResult } from '../shared/model/hand-on.js';
import type { FinishedBranch } from './branch.js';
import { diversityOf, type Diversity } from './diversity.js';
import { judgePhase } from './gates.js';
import type { Trunk } from './grow.js';
import { shapeFor, type CognateRun } from './prepare.js';
import { PHASE_METRICS, REPORT } from './table.js';

/** Schema id of the handoff 1 -> 2 (schemas/handoff/cognate-to-evomerge.schema.json). */
const HANDOFF_SCHEMA = 'agentforge:handoff/cognate-models@2';
const BYTES_PER_MIB = 1024 * 1024;
const KIB_PER_MIB = 1024;

/** Metrics, gates and handoff from the finished branches. */
export function conclude(run: CognateRun, trunk: Trunk, branches: readonly FinishedBranch[]): PhaseResult {
  const { ctx, options, corpus } = run;
  const diversity = diversityOf(branches.map((branch) => branch.measurements));
  const marks = { heldOutAtStart: trunk.heldOutAtStart, unigramEntropy: corpus.unigram };
  const gates = judgePhase(branches, marks, diversity, options);
  const sound = gates.every((gate) => gate.class === 'target' || gate.passed === true);
  const metrics = phaseMetrics(run, branches, diversity, sound);
  recorder(ctx, PHASE_METRICS).all(metrics, { step: options.maxSteps });
  return phaseResult({
    models: branches.map((branch) => branch.model),
    metrics: { ...metrics, ...reportNumbers(run, trunk, branches) },
    gates,
    handoff: handOn(ctx, {
      schema: HANDOFF_SCHEMA,
      models: branches.map((branch) => branch.model),
      data: run.data,
      artifacts: { base: trunk.weights },
      facts: handoffFacts(run, trunk, branches, diversity),
    }),
    warnings: run.warnings,
  });
}

/** The catalogued numbers of the whole phase. */
function phaseMetrics(
  { ctx, options, origin }: CognateRun,
  branches: readonly FinishedBranch[],
  diversity: Diversity,
  sound: boolean,
) {
  const losses = branches.map((branch) => branch.heldOut);
  const { architecture, config } = shapeFor(ctx, options, origin, null);
  const facts = architecture.facts?.(config.hyperparameters) ?? {};
  const { parameterRange: range } = options.gates;
  const sheet = sheetOf(PHASE_METRICS);
  sheet('config/num_models', options.specializations.length);
  sheet('config/hidden_size', facts['hidden_size'] ?? null);
  sheet('config/num_layers', facts['layers'] ?? null);
  sheet('config/parameters_target', range === null ? null : mean(range));
  for (const [i, { model }] of branches.entries()) {
    sheet(`model_${i + 1}/size_mb`, model.metadata.bytes_on_disk / BYTES_PER_MIB);
    sheet(`model_${i + 1}/parameters`, model.metadata.parameters);
  }
  sheet('phase/num_models_created', branches.length);
  sheet('phase/total_parameters', sum(branches.map(({ model }) => model.metadata.parameters)));
  sheet('phase/avg_final_loss', mean(losses));
  sheet('phase/min_final_loss', Math.min(...losses));
  sheet('phase/max_final_loss', Math.max(...losses));
  sheet('phase/total_size_mb', totalMib(branches));
  sheet('phase/success', sound);
  sheet('diversity/avg_halting_steps', diversity.haltingSpread);
  sheet('diversity/ltm_usage', diversity.memorySpread);
  sheet('diversity/inference_time_ms', diversity.latencySpreadMs);
  return sheet.values;
}

/** Numbers for the session report: held-out losses beside what token frequencies alone would give, speed, memory. */
function reportNumbers({ corpus, data }: CognateRun, trunk: Trunk, branches: readonly FinishedBranch[]) {
  const speeds = branches.flatMap(({ tokensPerSecond }) =>
    tokensPerSecond === null ? [] : [tokensPerSecond],
  );
  const sheet = sheetOf(REPORT);
  sheet('parameters', branches[0]!.model.metadata.parameters);
  sheet('tokens_per_second', speeds.length === 0 ? null : mean(speeds));
  // maxRSS is in KiB.
  sheet('peak_memory_mb', process.resourceUsage().maxRSS / KIB_PER_MIB);
  sheet('held_out_at_start', trunk.heldOutAtStart);
  sheet('unigram_entropy', corpus.unigram);
  for (const { name, unigram } of corpus.sets) sheet(`unigram_entropy/${name}`, unigram);
  for (const { name, records } of data.facts.datasets) {
    sheet(`records/${name}/train`, records.train);
    sheet(`records/${name}/held_out`, records.held_out);
    sheet(`records/${name}/duplicates`, records.duplicates);
  }
  for (const branch of branches) {
    sheet(`held_out/${branch.name}`, branch.heldOut);
    for (const [set, loss] of Object.entries(branch.heldOutByDataset))
      sheet(`held_out/${branch.name}/${set}`, loss);
  }
  return sheet.values;
}

function handoffFacts(
  { corpus, data }: CognateRun,
  trunk: Trunk,
  branches: readonly FinishedBranch[],
  diversity: Diversity,
): Record<string, unknown> {
  const worst = Math.max(...branches.map((branch) => branch.heldOut));
  return {
    total_size_mb: totalMib(branches),
    synthetic_data: data.facts.datasets.some(({ synthetic }) => synthetic),
    loss_reduction: 1 - worst / trunk.heldOutAtStart,
    unigram_entropy: corpus.unigram,
    diversity: {
      halting_steps: diversity.haltingSpread,
      memory_usage: diversity.memorySpread,
      latency: diversity.latencySpread,
      output_divergence: diversity.outputDivergence,
    },
  };
}

function totalMib(branches: readonly FinishedBranch[]): number {
  return sum(branches.map(({ model }) => model.metadata.bytes_on_disk)) / BYTES_PER_MIB;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
