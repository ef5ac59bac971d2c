/** A metric of the catalogue (schemas/metrics.json) or one a plugin declares. */
export interface MetricDescriptor {
  /** Pattern as catalogued, for example `model_{1..3}/train/loss`. */
  readonly name: string;
  readonly phase: string;
  readonly unit: string;
  readonly description: string;
  /** Which way is better; `neither` where no value is. Absent where nobody says. */
  readonly direction?: 'higher' | 'lower' | 'neither';
}

/** How a phase declares a metric: by a pattern of the catalogue, or by a descriptor of a metric of its own. */
export type MetricDeclaration = string | Omit<MetricDescriptor, 'phase'>;

/** The pattern of the names that a declaration stands for. */
export function metricPatternOf(declaration: MetricDeclaration): string {
  return typeof declaration === 'string' ? declaration : declaration.name;
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
