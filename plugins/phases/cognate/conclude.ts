import type { Handoff } from '../../../core/contracts/handoff.js';
import type { MetricValue } from '../../../core/contracts/metrics.js';
import type { GateResult, PhaseResult } from '../../../core/contracts/phase.js';
import type { FinishedBranch } from './branch.js';
import { judge, type GateSubject } from './gates.js';
import { diversityOf, type Diversity } from './measure.js';
import { setupModel } from './setup.js';
import type { CognateRun, Trunk } from './shared.js';

/** Schema id of the handoff 1 -> 2 (schemas/handoff/cognate-to-evomerge.schema.json). */
const HANDOFF_SCHEMA = 'agentforge:handoff/cognate-models@1';
const BYTES_PER_MIB = 1024 * 1024;
const KIB_PER_MIB = 1024;

/** Metrics, gates and handoff from the finished branches. */
export function conclude(run: CognateRun, trunk: Trunk, branches: readonly FinishedBranch[]): PhaseResult {
  const { ctx, options } = run;
  const diversity = diversityOf(branches.map((branch) => branch.measurements));
  const gates = judge(
    branches.map((branch) => subjectOf(branch, run, trunk)),
    diversity,
    options,
  );
  const metrics = phaseMetrics(run, branches, diversity, gates);
  for (const [name, value] of Object.entries(metrics)) {
    ctx.metric(name, value, {
      step: options.maxSteps,
      ...(value === null ? { reason: 'not measured' } : {}),
    });
  }
  return {
    models: branches.map((branch) => branch.model),
    metrics: { ...metrics, ...reportMetrics(run, trunk, branches) },
    gates,
    handoff: handoff(run, trunk, branches, diversity),
    warnings: run.corpus.warnings,
  };
}

function subjectOf(branch: FinishedBranch, { corpus }: CognateRun, trunk: Trunk): GateSubject {
  return {
    name: branch.name,
    parameters: branch.model.metadata.parameters,
    finite: branch.finite,
    measurements: branch.measurements,
    heldOut: branch.heldOut,
    heldOutAtStart: trunk.heldOutAtStart,
    unigramEntropy: corpus.unigram,
    stepLosses: branch.stepLosses,
    gateEntropy: branch.gateEntropy,
  };
}

/** The catalogued numbers of the whole phase (metrics-catalogue, phase1). */
function phaseMetrics(
  { ctx, options, start }: CognateRun,
  branches: readonly FinishedBranch[],
  diversity: Diversity,
  gates: readonly GateResult[],
): Record<string, MetricValue> {
  const losses = branches.map((branch) => branch.heldOut);
  const { architecture, config } = setupModel(ctx, options, null, start);
  const facts = architecture.facts?.(config.hyperparameters) ?? {};
  const size = (branch: FinishedBranch): number => branch.model.metadata.bytes_on_disk / BYTES_PER_MIB;
  const latencies = branches.map((branch) => branch.measurements.latencyMs);
  return {
    'config/num_models': options.specializations.length,
    'config/hidden_size': facts['hidden_size'] ?? null,
    'config/num_layers': facts['layers'] ?? null,
    'config/parameters_target':
      options.gates.parameterRange === null ? null : mean(options.gates.parameterRange),
    ...Object.fromEntries(
      branches.flatMap((branch, i): [string, number][] => [
        [`model_${i + 1}/size_mb`, size(branch)],
        [`model_${i + 1}/parameters`, branch.model.metadata.parameters],
      ]),
    ),
    'phase/num_models_created': branches.length,
    'phase/total_parameters': sum(branches.map((branch) => branch.model.metadata.parameters)),
    'phase/avg_final_loss': mean(losses),
    'phase/min_final_loss': Math.min(...losses),
    'phase/max_final_loss': Math.max(...losses),
    'phase/total_size_mb': sum(branches.map(size)),
    'phase/success': gates.every((gate) => gate.class === 'target' || gate.passed === true),
    'diversity/avg_halting_steps': diversity.haltingSpread,
    'diversity/ltm_usage': diversity.memorySpread,
    'diversity/inference_time_ms': Math.max(...latencies) - Math.min(...latencies),
  };
}

/** Numbers for the session report: held-out losses beside what token frequencies alone would give, speed, memory. */
function reportMetrics(
  run: CognateRun,
  trunk: Trunk,
  branches: readonly FinishedBranch[],
): Record<string, MetricValue> {
  const { corpus } = run;
  const speeds = branches.flatMap((branch) =>
    branch.tokensPerSecond === null ? [] : [branch.tokensPerSecond],
  );
  return {
    parameters: branches[0]!.model.metadata.parameters,
    tokens_per_second: speeds.length === 0 ? null : mean(speeds),
    // maxRSS is in KiB.
    peak_memory_mb: process.resourceUsage().maxRSS / KIB_PER_MIB,
    held_out_at_start: trunk.heldOutAtStart,
    unigram_entropy: corpus.unigram,
    ...Object.fromEntries(
      corpus.sets.map((set) => [`unigram_entropy/${set.name}`, finiteOrNull(set.unigram)]),
    ),
    ...Object.fromEntries(
      corpus.sets.flatMap(({ name, counts }) => [
        [`records/${name}/train`, counts.train],
        [`records/${name}/held_out`, counts.heldOut],
        [`records/${name}/duplicates`, counts.duplicates],
      ]),
    ),
    ...Object.fromEntries(
      branches.flatMap((branch): [string, number][] => [
        [`held_out/${branch.name}`, branch.heldOut],
        ...Object.entries(branch.heldOutByDataset).map(([set, loss]): [string, number] => [
          `held_out/${branch.name}/${set}`,
          loss,
        ]),
      ]),
    ),
  };
}

function handoff(
  { corpus, options }: CognateRun,
  trunk: Trunk,
  branches: readonly FinishedBranch[],
  diversity: Diversity,
): Handoff {
  const worst = Math.max(...branches.map((branch) => branch.heldOut));
  return {
    schema: HANDOFF_SCHEMA,
    source_phase: 'cognate',
    created_at: new Date().toISOString(),
    models: branches.map((branch) => branch.model),
    artifacts: { base: trunk.weights },
    facts: {
      total_size_mb: sum(branches.map((branch) => branch.model.metadata.bytes_on_disk)) / BYTES_PER_MIB,
      synthetic_data: corpus.sets.some((set) => set.synthetic),
      loss_reduction: 1 - worst / trunk.heldOutAtStart,
      unigram_entropy: corpus.unigram,
      datasets: corpus.sets.map((set) => set.name),
      corpus_hash: corpus.hash,
      records: Object.fromEntries(
        corpus.sets.map(({ name, counts }) => [
          name,
          { train: counts.train, held_out: counts.heldOut, duplicates: counts.duplicates },
        ]),
      ),
      holdout_fraction: options.data.holdout,
      answer_only: options.data.answerOnly,
      tokenizer: corpus.tokenizerKind,
      diversity: {
        halting_steps: diversity.haltingSpread,
        memory_usage: diversity.memorySpread,
        latency: diversity.latencySpread,
        output_divergence: diversity.outputDivergence,
      },
    },
  };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
