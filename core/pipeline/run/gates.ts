import type { GateResult, ResolvedConfig } from '../../contracts/index.js';
import { ForgeError } from '../../errors/index.js';

/** Target gates that were missed and integrity gates that were not passed. A target nobody could measure is not missed. */
export function missedGates(gates: readonly GateResult[]): GateResult[] {
  return gates.filter(
    ({ class: kind, passed }) => passed === false || (kind === 'integrity' && passed !== true),
  );
}

/**
 * Integrity gates stop the run unless they passed: what could not be checked cannot be vouched for. Missed targets
 * stop it under the policy `strict`.
 * @throws ForgeError AF_GATE_FAILED
 */
export function enforceGates(
  phase: string,
  gates: readonly GateResult[],
  policy: ResolvedConfig['gates']['policy'],
): void {
  const missed = missedGates(gates);
  const integrity = missed.filter(({ class: kind }) => kind === 'integrity');
  const stopping = policy === 'strict' ? missed : integrity;
  if (stopping.length === 0) return;
  const fix =
    integrity.length > 0
      ? 'The result cannot be trusted: look at the numbers in the session report. No setting skips this gate.'
      : 'Improve the result, lower the target, or report misses instead of stopping with gates.policy "research".';
  throw new ForgeError(
    'AF_GATE_FAILED',
    `Phase "${phase}" did not pass ${stopping.map(inWords).join('; ')}.`,
    {
      at: `phase ${phase}`,
      fix,
      facts: { phase, policy, gates: stopping },
    },
  );
}

function inWords({ name, class: kind, passed, measured, target, reason }: GateResult): string {
  const value =
    passed === null ? `not measured (${reason ?? 'no reason given'})` : `measured ${String(measured)}`;
  return `${kind} gate "${name}": ${value}, target ${target}`;
}
