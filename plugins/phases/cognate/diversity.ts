import { outputDivergence } from '../../../nn/evaluation/index.js';
import type { ProbeMeasurements } from '../shared/evaluation/probe.js';

/** How far the finished models are apart; null where the number is missing for a model, or there is only one. */
export interface Diversity {
  /** Steps. */
  readonly haltingSpread: number | null;
  readonly memorySpread: number | null;
  /** Relative to the fastest model. */
  readonly latencySpread: number | null;
  readonly latencySpreadMs: number | null;
  /** Smallest Jensen-Shannon divergence over pairs of models, nats. */
  readonly outputDivergence: number | null;
}

/** Name of the statistic that says how much of the memory is in use. */
const MEMORY_STATISTIC = 'ltm/memory_usage';

export function diversityOf(models: readonly ProbeMeasurements[]): Diversity {
  const latencies = models.map((model) => model.latencyMs);
  const latency = spread(latencies);
  return {
    haltingSpread: spread(models.map((model) => model.averageSteps)),
    memorySpread: spread(models.map((model) => model.statistics[MEMORY_STATISTIC] ?? null)),
    latencySpread: latency === null ? null : latency / Math.min(...latencies),
    latencySpreadMs: latency,
    outputDivergence: smallestDivergence(models),
  };
}

function smallestDivergence(models: readonly ProbeMeasurements[]): number | null {
  const pairs = models.flatMap((a, i) =>
    models.slice(i + 1).map((b) => outputDivergence(a.predictions, b.predictions)),
  );
  return pairs.length === 0 ? null : Math.min(...pairs);
}

function spread(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length < values.length || known.length < 2 ? null : Math.max(...known) - Math.min(...known);
}
