import type { PhaseRecord } from '../../contracts/index.js';

/** How long a phase takes, over all sittings of its session. */
export interface PhaseClock {
  /** Seconds of this sitting and of those before it. */
  seconds(): number;
  /** The phase's record with the seconds so far. */
  record(): PhaseRecord;
}

/** Started now. @param record of the phase as it starts: its seconds are those of earlier sittings */
export function phaseClock(record: PhaseRecord): PhaseClock {
  const started = performance.now();
  const seconds = (): number => (record.duration_seconds ?? 0) + (performance.now() - started) / 1000;
  return { seconds, record: () => ({ ...record, duration_seconds: seconds() }) };
}
