import type { Examined } from '../shared/thoughts/examine.js';
import type { TheaterReport } from '../shared/theater/index.js';
import type { Cycles } from './cycles/run.js';
import type { Finished } from './finish.js';
import type { LedgerEntry, Standing } from './learn.js';
import type { PersonaCheck } from './personas/check.js';
import type { PersonaResults } from './personas/examine.js';
import type { ToolCheck } from './tools/check.js';
import type { ToolResults } from './tools/examine.js';
import type { Latency } from './tools/latency.js';

/** Everything that the phase found out. */
export interface Findings {
  readonly toolChecks: readonly ToolCheck[];
  readonly personaChecks: readonly PersonaCheck[];
  /** Held-out loss of the lessons about personas before and after, nats; null: there were none. */
  readonly lessons: { readonly before: number; readonly after: number } | null;
  readonly standing: Standing;
  readonly cycles: Cycles;
  readonly end: Finished;
  readonly tools: ToolResults;
  readonly personas: PersonaResults;
  readonly latency: Latency | null;
  /** Loss of locked text, nats, and questions of phase 3. */
  readonly before: { readonly text: number };
  readonly after: { readonly text: number; readonly examined: Examined };
}

/** Findings with what was concluded of the thoughts. */
export interface Judged extends Findings {
  readonly theater: TheaterReport;
  readonly bytes: { readonly before: number; readonly after: number };
}

/** Names of the tools or personas that are in the model. */
export function bakedNames(
  { standing }: Pick<Findings, 'standing'>,
  kind: 'tool' | 'persona',
): readonly string[] {
  return standing.ledger
    .filter((entry) => entry.kind === kind && entry.kept)
    .flatMap(({ subjects }) => subjects);
}

/** Mean over tools; null where there are none. */
export function meanOfTools({ tools }: Pick<Findings, 'tools'>): number | null {
  return meanOf(tools.tools.map(({ baked }) => baked.value));
}

/** Share of the answers of each persona that show its own trait. */
export function consistencies({ personas }: Pick<Findings, 'personas'>): readonly number[] {
  return personas.names.map((_, i) => personas.confusion[i]![i]!);
}

/** Points that the list lost that lost most since its best; null: none was measured twice. */
export function mostForgotten({ standing }: Pick<Findings, 'standing'>): number | null {
  const worst = standing.ledger
    .filter(({ kept }) => kept)
    .flatMap(({ worst: one }) => (one === null ? [] : [one.points.value]));
  return worst.length === 0 ? null : Math.max(...worst);
}

/** Full bakes that stayed. */
export function fullBakes({ standing }: Pick<Findings, 'standing'>): readonly LedgerEntry[] {
  return standing.ledger.filter(({ kept, kind }) => kept && (kind === 'tool' || kind === 'persona'));
}

/** Share of the held-out divergence that a bake removed, from before its first part to after its last. */
export function divergenceRemoved({ entries }: LedgerEntry): number | null {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined || first.before <= 0) return null;
  return 1 - last.after / first.before;
}

export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
