import { metricPatternRegExp } from '../../../core/contracts/metric-pattern.js';
import type { MetricDeclaration, MetricDescriptor, MetricValue } from '../../../core/contracts/metrics.js';
import type { RecordContext } from '../../../core/contracts/phase.js';

/** What is known of a metric besides its name. */
export interface MetricEntry {
  readonly unit?: string;
  /** Which way is better; absent where no value is. */
  readonly direction?: MetricDescriptor['direction'];
  /** Of a metric that schemas/metrics.json does not have: the phase declares it with this. */
  readonly description?: string;
}

/**
 * The metrics of a phase by name, as schemas/metrics.json writes them: `model_{1..3}/train/loss` stands for three names,
 * `{N}` for any index, `{word}` for any name, `{a,b}` for either. What a phase declares (`Phase.metrics`) and what it
 * emits come from this one table, so that a name nobody declared does not compile.
 *
 * @example
 * const METRICS = { 'train/loss': { unit: 'nats', direction: 'lower' }, 'held_out/{dataset}': {} } as const satisfies MetricTable;
 * const record = recorder(ctx, METRICS);
 * record('held_out/stories', 1.5, { step });
 */
export type MetricTable = Readonly<Record<string, MetricEntry>>;

/** The concrete names that a pattern stands for. */
export type NamesOf<P extends string> = P extends `${infer Head}{${infer Group}}${infer Tail}`
  ? `${Head}${Choice<Group>}${NamesOf<Tail>}`
  : P;
type Choice<G extends string> = G extends `${string}..${string}` ? string : G extends 'N' ? string : OneOf<G>;
type OneOf<G extends string> = G extends `${string},${string}` ? Split<G> : string;
type Split<G extends string> = G extends `${infer Head},${infer Tail}` ? Head | Split<Tail> : G;

/** What may be said of a value. */
export interface Reading {
  /** Position on the metric's own axis: training step, generation. */
  readonly step: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Why the value is null. */
  readonly reason?: string;
}

/** Emits metrics of a table. */
export interface Recorder<Name extends string> {
  (name: Name, value: MetricValue, reading: Reading): void;
  /**
   * Emits a whole record; a value that is null is told as `reason` says.
   * @param reading its `reason` is for all nulls; default `not measured`
   */
  all(values: Readonly<Partial<Record<Name, MetricValue>>>, reading: Reading): void;
  /** Emits what a plugin measured under a name of its own (an architecture, an optimizer). */
  open(values: Readonly<Record<string, number>>, reading: Reading): void;
}

/** For `Phase.metrics`: patterns of the catalogue, and descriptors of the metrics that are the phase's own. */
export function metricNames(table: MetricTable): readonly MetricDeclaration[] {
  return Object.entries(table).map(([name, { unit = '1', direction = 'neither', description }]) =>
    description === undefined ? name : { name, unit, direction, description },
  );
}

/** Emits the metrics of a table, each with its unit. */
export function recorder<const T extends MetricTable>(
  ctx: Pick<RecordContext, 'metric'>,
  table: T,
): Recorder<NamesOf<keyof T & string>> {
  type Name = NamesOf<keyof T & string>;
  const unitOf = unitsOf(table);
  const tell = (name: string, value: MetricValue, { step, labels, reason }: Reading): void => {
    const unit = unitOf(name);
    ctx.metric(name, value, {
      step,
      ...(unit === undefined ? {} : { unit }),
      ...(labels === undefined ? {} : { labels }),
      ...(value === null ? { reason: reason ?? 'not measured' } : {}),
    });
  };
  const every = (values: Readonly<Record<string, MetricValue | undefined>>, reading: Reading): void => {
    for (const [name, value] of Object.entries(values)) if (value !== undefined) tell(name, value, reading);
  };
  return Object.assign((name: Name, value: MetricValue, reading: Reading) => tell(name, value, reading), {
    all: every as Recorder<Name>['all'],
    open: every,
  });
}

/** Collects values under the names of a table: call it with a name and a value, read `values` in the end. */
export interface Sheet<Name extends string> {
  (name: Name, value: MetricValue): void;
  readonly values: Readonly<Record<Name, MetricValue>>;
}

/** An empty sheet for the names of a table. */
export function sheetOf<const T extends MetricTable>(_table: T): Sheet<NamesOf<keyof T & string>> {
  const values: Record<string, MetricValue> = {};
  const sheet = (name: string, value: MetricValue): void => void (values[name] = value);
  return Object.assign(sheet, { values }) as unknown as Sheet<NamesOf<keyof T & string>>;
}

function unitsOf(table: MetricTable): (name: string) => string | undefined {
  const entries = Object.entries(table).map(([pattern, { unit }]) => ({
    pattern: metricPatternRegExp(pattern),
    unit,
  }));
  const known = new Map<string, string | undefined>();
  return (name) => {
    if (!known.has(name)) known.set(name, entries.find(({ pattern }) => pattern.test(name))?.unit);
    return known.get(name);
  };
}
