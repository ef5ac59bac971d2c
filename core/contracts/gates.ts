import type { GateClass, GateResult } from './phase.js';

type Measured = GateResult['measured'];

/** A gate judged by the phase itself. @param passed null: it could not be measured */
export function judged(
  kind: GateClass,
  name: string,
  measured: Measured,
  target: string,
  passed: boolean | null,
): GateResult {
  const reason = passed === null ? { reason: 'not measured' } : {};
  return { name, class: kind, measured, target, passed, ...reason };
}

/** measured >= least */
export function atLeast(
  name: string,
  measured: number | null,
  least: number,
  kind: GateClass = 'target',
): GateResult {
  return within(name, measured, [least, Infinity], `>= ${short(least)}`, kind);
}

/** measured <= most */
export function atMost(
  name: string,
  measured: number | null,
  most: number,
  kind: GateClass = 'target',
): GateResult {
  return within(name, measured, [-Infinity, most], `<= ${short(most)}`, kind);
}

/** least <= measured <= most */
export function between(
  name: string,
  measured: number | null,
  [least, most]: readonly [least: number, most: number],
  kind: GateClass = 'target',
): GateResult {
  return within(name, measured, [least, most], `${short(least)}..${short(most)}`, kind);
}

/** What must be so. @param target in words */
export function holds(name: string, measured: boolean, target: string, kind: GateClass): GateResult {
  return judged(kind, name, measured, target, measured);
}

/** measured = expected */
export function equals(
  name: string,
  measured: number,
  expected: number,
  kind: GateClass = 'target',
): GateResult {
  return judged(kind, name, measured, `= ${expected}`, measured === expected);
}

function within(
  name: string,
  measured: number | null,
  [least, most]: readonly [number, number],
  target: string,
  kind: GateClass,
): GateResult {
  return judged(
    kind,
    name,
    measured,
    target,
    measured === null ? null : measured >= least && measured <= most,
  );
}

/** Enough digits to compare by, whole numbers whole. */
function short(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(5));
}
