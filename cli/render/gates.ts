import type { GateResult } from '../../core/contracts/phase.js';

/** `19 of 22`; `-` where there are none. */
export function gateCount(gates: readonly GateResult[]): string {
  const met = gates.filter((gate) => gate.passed === true).length;
  return gates.length === 0 ? '-' : `${met} of ${gates.length}`;
}
