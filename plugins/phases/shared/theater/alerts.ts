import type { AlertFacts } from '../../../../core/contracts/sink.js';
import { idEntropy } from '../../../../nn/evaluation/index.js';
import type { TheaterReport } from './report.js';

/** When recent thoughts are trouble. */
export interface ThoughtAlertLimits {
  /** Fewer thoughts say nothing. */
  readonly minThoughts: number;
  /** Most share of thoughts without an id. */
  readonly empty: number;
  /** Most share of thoughts that are word for word one of the others. */
  readonly repeated: number;
  /** Least entropy of the ids of all thoughts together, nats: e^1, some three ids, carry nearly all of them. */
  readonly entropy: number;
}

export const THOUGHT_ALERT_LIMITS: ThoughtAlertLimits = {
  minThoughts: 16,
  empty: 0.2,
  repeated: 0.5,
  entropy: 1,
};

/** An alert about recent thoughts, for `ctx.event('alert', ...)`. */
export interface ThoughtAlert extends AlertFacts {
  readonly trouble: 'empty-thoughts' | 'repeated-thoughts' | 'collapsed-thoughts';
  readonly message: string;
  readonly value: number;
  readonly limit: number;
}

/**
 * What is wrong with recent thoughts: many are empty, many are equal, or all are made of the same few ids. Empty ones
 * are not also counted as equal.
 *
 * @param thoughts ids of each, without marks
 */
export function thoughtAlerts(
  thoughts: readonly (readonly number[])[],
  limits: ThoughtAlertLimits = THOUGHT_ALERT_LIMITS,
): ThoughtAlert[] {
  if (thoughts.length < limits.minThoughts) return [];
  const alerts: ThoughtAlert[] = [];
  const written = thoughts.filter(({ length }) => length > 0);
  const empty = 1 - written.length / thoughts.length;
  if (empty > limits.empty) {
    const message = `${percent(empty)} of the last ${thoughts.length} thoughts are empty.`;
    alerts.push(alertOf('empty-thoughts', message, empty, limits.empty));
  }
  if (written.length < limits.minThoughts) return alerts;
  const repeated = 1 - new Set(written.map((ids) => ids.join(' '))).size / written.length;
  if (repeated > limits.repeated) {
    const message = `${percent(repeated)} of the last ${written.length} thoughts repeat another one.`;
    alerts.push(alertOf('repeated-thoughts', message, repeated, limits.repeated));
  }
  const entropy = idEntropy(written.flat())!;
  if (entropy < limits.entropy) {
    const message = `The last ${written.length} thoughts are made of about ${Math.exp(entropy).toFixed(1)} ids.`;
    alerts.push({ ...alertOf('collapsed-thoughts', message, entropy, limits.entropy), severity: 'critical' });
  }
  return alerts;
}

/** What a report has against a thinker; null when it passed. */
export function theaterAlert({ all_passed, tests, required }: TheaterReport): AlertFacts | null {
  if (all_passed) return null;
  const open = tests.filter(({ name, passed }) => required.includes(name) && passed !== true);
  const failed = open.filter(({ passed }) => passed === false);
  const told = (failed.length > 0 ? failed : open).map(
    ({ name, reason }) => `${name}: ${reason ?? 'not passed'}`,
  );
  const verdict = failed.length > 0 ? 'The thoughts may be theater' : 'Not shown that thoughts are of use';
  return { severity: 'warning', message: `${verdict}. ${told.join('. ')}.` };
}

function alertOf(
  trouble: ThoughtAlert['trouble'],
  message: string,
  value: number,
  limit: number,
): ThoughtAlert {
  return { severity: 'warning', trouble, message, value, limit };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
