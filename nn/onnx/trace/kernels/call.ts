import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/value.js';

/** One kernel invocation by tfjs, as graph values. */
export class KernelCall {
  constructor(
    readonly graph: Graph,
    private readonly named: Readonly<Record<string, Value>>,
    private readonly attrs: unknown,
  ) {}

  /** The operand of that name; tfjs has checked that it is there. */
  value(name: string): Value {
    return this.named[name]!;
  }

  /** The operand of that name when there is one. */
  optional(name: string): Value | null {
    return this.named[name] ?? null;
  }

  /** All operands in order, for kernels that take a list. */
  list(): Value[] {
    return Object.values(this.named);
  }

  /** Attributes, of the type that tfjs declares for the kernel. */
  attributes<T>(): T {
    return (this.attrs ?? {}) as T;
  }
}

/** Translates one tfjs kernel into graph nodes. */
export type KernelTracer = (call: KernelCall) => Value | readonly Value[];
export type KernelTable = Readonly<Record<string, KernelTracer>>;

/** Axes as tfjs gives them (one, several, none for all; negative from the end), ascending and non-negative. */
export function resolveAxes(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = typeof axis === 'number' ? [axis] : axis;
  return [...new Set(list.map((one) => (one < 0 ? one + rank : one)))].sort((a, b) => a - b);
}
