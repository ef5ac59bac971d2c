import type { ModelRef } from '../../contracts/model.js';
import type { SessionRecord } from '../../contracts/registry.js';

const HASH = 'ab'.repeat(32);

/** A model as a registry would give it. */
export function modelRef(name: string, changes: Partial<ModelRef['metadata']> = {}): ModelRef {
  const id = `toy_${name}_session_20260101_000000`;
  return {
    id,
    name,
    config: { architecture: 'titans-mag', hyperparameters: { dModel: 8 } },
    weights: { sha256: HASH, bytes: 4096, name: 'model.safetensors' },
    tokenizer: null,
    sidecars: {},
    metadata: {
      schema_version: 1, model_id: id, session_id: 'session_20260101_000000', phase_name: 'toy', model_name: name,
      created_at: '2026-01-01T00:00:00.000Z', parameters: 1024, size_mb: 4096 / 2 ** 20, bytes_on_disk: 4096, sha256: HASH,
      format: 'fp32', specialization: null, tags: ['toy'], parent_model_ids: [], config_hash: 'c'.repeat(64), seed: 7,
      tokenizer_sha256: null, vocab_size: null, metrics: {}, attributes: {}, ...changes,
    },
  };
}

/** A session as a registry would give it. */
export function sessionRecord(id: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id, status: 'completed', created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:03:12.000Z',
    ended_at: '2026-01-01T00:03:12.000Z', current_phase: 'toy', progress_percent: 100, pipeline: ['toy'],
    config_hash: 'c'.repeat(64), seed: 7, pinned: false, error: null, ...changes,
  };
}
