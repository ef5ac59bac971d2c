import type { PhaseReport, RunReport } from '../../core/kernel/types.js';
import type { GateResult, ResultTable } from '../../core/contracts/phase.js';
import type { MetricValue } from '../../core/contracts/metrics.js';
import type { ResolvedConfig } from '../../core/contracts/config.js';
import type { ArtifactStore } from '../../core/contracts/store.js';
import { errorDocument } from '../render/error.js';
import { modelDocument, type ModelDocument } from './model-document.js';
import type { RecordedSample, RunRecorder } from './run-recorder.js';

export interface PhaseDocument {
  readonly name: string;
  readonly title: string;
  readonly status: PhaseReport['status'];
  readonly durationSeconds: number | null;
  readonly gates: readonly GateResult[];
  readonly missedGates: readonly GateResult[];
  readonly metrics: Readonly<Record<string, MetricValue>>;
  readonly models: readonly string[];
  readonly warnings: readonly string[];
  readonly tables: readonly ResultTable[];
}

/** What `agentforge run --json` prints. Everything in it was measured in this run; unknown is null. */
export interface RunDocument {
  readonly ok: boolean;
  readonly status: RunReport['status'];
  readonly sessionId: string;
  readonly folder: string;
  readonly seed: number;
  readonly configHash: string;
  readonly durationSeconds: number;
  /** Median over the training steps of this process. */
  readonly tokensPerSecond: number | null;
  /** Largest resident set of this process. */
  readonly peakMemoryBytes: number;
  readonly phases: readonly PhaseDocument[];
  readonly models: readonly (ModelDocument & { readonly samples: readonly RecordedSample[] })[];
  readonly overhead: RunReport['overhead'];
  readonly warnings: readonly string[];
  readonly error: Readonly<Record<string, unknown>> | null;
}

export interface RunFacts {
  readonly config: ResolvedConfig;
  readonly configHash: string;
  readonly recorder: RunRecorder;
  readonly artifacts: ArtifactStore;
}

export function runDocument(report: RunReport, facts: RunFacts): RunDocument {
  const models = report.phases.flatMap(({ result }) =>
    (result?.models ?? []).map((model) => ({
      model,
      document: modelDocument(model, facts.artifacts, result?.metrics),
    })),
  );
  const { samples } = facts.recorder;
  return {
    ok: report.status === 'completed',
    status: report.status,
    sessionId: report.sessionId,
    folder: report.folder,
    seed: facts.config.seed,
    configHash: facts.configHash,
    durationSeconds: report.durationSeconds,
    tokensPerSecond: facts.recorder.tokensPerSecond(),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    phases: report.phases.map(phaseDocument),
    models: models.map(({ model, document }) => ({
      ...document,
      samples: samples.filter((sample) => sample.model === model.name || sample.model === model.id),
    })),
    overhead: report.overhead,
    warnings: report.warnings,
    error: report.error === null ? null : errorDocument(report.error),
  };
}

function phaseDocument(phase: PhaseReport): PhaseDocument {
  return {
    name: phase.name,
    title: phase.title,
    status: phase.status,
    durationSeconds: phase.durationSeconds,
    gates: phase.result?.gates ?? [],
    missedGates: phase.missedGates,
    metrics: phase.result?.metrics ?? {},
    models: (phase.result?.models ?? []).map((model) => model.id),
    warnings: phase.result?.warnings ?? [],
    tables: phase.result?.tables ?? [],
  };
}
