import type { ModelRef } from '../../../core/contracts/model.js';
import type { HandoffRecord, PhaseRecord, SessionRecord } from '../../../core/contracts/registry.js';

export const HASH = 'ab'.repeat(32);

export function sessionRecord(id: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id,
    status: 'running',
    created_at: '2026-01-02T03:04:05.000Z',
    updated_at: '2026-01-02T03:04:05.000Z',
    ended_at: null,
    current_phase: null,
    progress_percent: 0,
    pipeline: ['cognate'],
    config_hash: 'c0ffee',
    seed: 7,
    pinned: false,
    error: null,
    ...changes,
  };
}

export function phaseRecord(session: string, phase: string, changes: Partial<PhaseRecord> = {}): PhaseRecord {
  return {
    session_id: session,
    phase,
    status: 'running',
    started_at: '2026-01-02T03:04:05Z',
    ended_at: null,
    duration_seconds: null,
    result: null,
    ...changes,
  };
}

export function handoffRecord(
  id: string,
  session: string,
  models: readonly string[],
  document: string | null = null,
): HandoffRecord {
  return {
    id,
    session_id: session,
    source_phase: 'cognate',
    target_phase: 'evomerge',
    model_ids: models,
    created_at: '2026-01-02T03:04:05Z',
    validation_status: 'passed',
    document,
  };
}

export function modelRef(
  id: string,
  session: string,
  changes: { readonly sha256?: string; readonly bytes?: number; readonly created_at?: string } = {},
): ModelRef {
  const { sha256 = HASH, bytes = 1_048_576, created_at = '2026-01-02T03:04:05Z' } = changes;
  return {
    id,
    name: id,
    config: { architecture: 'titans-mag', hyperparameters: { width: 8 } },
    weights: { sha256, bytes, name: 'model.safetensors' },
    tokenizer: null,
    sidecars: {},
    metadata: {
      schema_version: 2,
      model_id: id,
      session_id: session,
      phase_name: 'cognate',
      model_name: id,
      created_at,
      parameters: 262_144,
      size_mb: bytes / 1_048_576,
      bytes_on_disk: bytes,
      sha256,
      format: 'fp32',
      specialization: null,
      tags: [],
      parent_model_ids: [],
      config_hash: 'c0ffee',
      seed: 7,
      tokenizer_sha256: null,
      tokenizer_kind: null,
      special_tokens: null,
      vocab_size: null,
      halting: null,
      data: null,
      metrics: { loss: 1.5, accuracy: null },
      attributes: {},
    },
  };
}
