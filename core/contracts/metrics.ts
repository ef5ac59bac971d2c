/** A metric of the catalogue (schemas/metrics.json) or one a plugin declares. */
export interface MetricDescriptor {
  /** Pattern as catalogued, for example `model_{1..3}/train/loss`. */
  readonly name: string;
  readonly phase: string;
  readonly unit: string;
  readonly description: string;
}

/** What the kernel itself measures of every phase, over all sittings of a session. Phases neither declare nor emit it. */
export const PHASE_SECONDS = 'phase/duration_seconds';

/** Unknown is null with a reason; NaN and infinities are allowed and must survive every sink. */
export type MetricValue = number | string | boolean | null;

export interface MetricPoint {
  readonly name: string;
  readonly value: MetricValue;
  /** Why the value is null. */
  readonly reason?: string;
  /** Position on the metric's own axis (training step, generation). */
  readonly step: number;
  readonly phase: string;
  readonly unit?: string;
  /** For example `{ model: 'reasoning' }`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly time: number;
}
