import * as make from '../../../core/contracts/gates.js';
import type { GateClass, GateResult } from '../../../core/contracts/phase.js';

/** What is known of a gate besides its name. */
export interface GateEntry {
  /** Integrity gates always stop the run; targets follow the config's policy. */
  readonly class: GateClass;
  readonly unit?: string;
  /** `model`: judged for each model, as `<gate>/<model>`. */
  readonly per?: 'model';
}

/**
 * The gates of a phase by name. What it declares (`Phase.gates`) and what it reports come from this one table, so that a
 * gate nobody declared does not compile, and each has one class.
 *
 * @example
 * const GATES = { ...INTEGRITY_GATES, fitness: { class: 'target' } } as const satisfies GateTable;
 * const judge = judgeOf(GATES);
 * const gates = [judge.atLeast('fitness', measured, 0.2)];
 */
export type GateTable = Readonly<Record<string, GateEntry>>;

type PerModel<T extends GateTable> = {
  [K in keyof T]: T[K] extends { readonly per: 'model' } ? K : never;
}[keyof T] &
  string;
type Whole<T extends GateTable> = Exclude<keyof T & string, PerModel<T>>;

/** A gate's name; one that is judged per model with the model: `['loss_reduction', 'reasoning']`. */
export type GateOf<T extends GateTable> = Whole<T> | readonly [gate: PerModel<T>, model: string];

type Measured = number | null;

/** Makes the results of a table's gates. */
export interface Judge<T extends GateTable> {
  /** measured >= least */
  atLeast(gate: GateOf<T>, measured: Measured, least: number): GateResult;
  /** measured <= most */
  atMost(gate: GateOf<T>, measured: Measured, most: number): GateResult;
  between(gate: GateOf<T>, measured: Measured, range: readonly [least: number, most: number]): GateResult;
  equals(gate: GateOf<T>, measured: number, expected: number): GateResult;
  /** What must be so. @param target in words */
  holds(gate: GateOf<T>, measured: boolean, target: string): GateResult;
  /** Judged by the phase itself. @param passed null: it could not be measured */
  judged(
    gate: GateOf<T>,
    measured: GateResult['measured'],
    target: string,
    passed: boolean | null,
  ): GateResult;
}

/** Names for `Phase.gates`. @param without gates that the options switch off */
export function gateNames<const T extends GateTable>(
  table: T,
  { without = [] }: { readonly without?: readonly (keyof T & string)[] } = {},
): readonly string[] {
  return Object.keys(table).filter((name) => !without.includes(name));
}

export function judgeOf<const T extends GateTable>(table: T): Judge<T> {
  const full = (gate: GateOf<T>): string => (typeof gate === 'string' ? gate : gate.join('/'));
  const kind = (gate: GateOf<T>): GateClass => table[typeof gate === 'string' ? gate : gate[0]]!.class;
  return {
    atLeast: (gate, measured, least) => make.atLeast(full(gate), measured, least, kind(gate)),
    atMost: (gate, measured, most) => make.atMost(full(gate), measured, most, kind(gate)),
    between: (gate, measured, range) => make.between(full(gate), measured, range, kind(gate)),
    equals: (gate, measured, expected) => make.equals(full(gate), measured, expected, kind(gate)),
    holds: (gate, measured, target) => make.holds(full(gate), measured, target, kind(gate)),
    judged: (gate, measured, target, passed) => make.judged(kind(gate), full(gate), measured, target, passed),
  };
}

/** The gates that every model must pass, whatever the phase does with it. */
export const INTEGRITY_GATES = {
  finite_weights: { class: 'integrity' },
  weights_stored: { class: 'integrity' },
  causality: { class: 'integrity', unit: 'logit' },
} as const satisfies GateTable;

/** Only with `gates.parameterRange`. */
export const PARAMETER_RANGE = {
  parameter_range: { class: 'integrity', unit: 'parameters', per: 'model' },
} as const satisfies GateTable;
