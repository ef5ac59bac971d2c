import type { ModelMetadata, ModelRef } from '../../core/contracts/model.js';
import type { SessionRecord } from '../../core/contracts/registry.js';
import * as fixtures from '../../testing/fixtures/records.js';

const SESSION = 'session_20260101_000000';

/** A small model of phase `toy`, as a registry would give it. */
export function modelRef(name: string, facts: Partial<ModelMetadata> = {}): ModelRef {
  return fixtures.modelRef(`toy_${name}_${SESSION}`, SESSION, {
    model_name: name,
    phase_name: 'toy',
    parameters: 1024,
    bytes_on_disk: 4096,
    seed: 7,
    metrics: {},
    ...facts,
  });
}

/** A completed session of 192 seconds with the one phase `toy`. */
export function sessionRecord(id: string, facts: Partial<SessionRecord> = {}): SessionRecord {
  const ended = '2026-01-01T00:03:12.000Z';
  return fixtures.sessionRecord(id, {
    status: 'completed',
    updated_at: ended,
    ended_at: ended,
    current_phase: 'toy',
    progress_percent: 100,
    pipeline: ['toy'],
    ...facts,
  });
}
