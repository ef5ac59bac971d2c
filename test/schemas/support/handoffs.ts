import type { DataFacts, Handoff, ModelRef } from '../../../core/contracts/index.js';

const artifact = (name: string) => ({ sha256: 'a'.repeat(64), bytes: 12, name });

const DATA: DataFacts = {
  seed: 42,
  datasets: [
    {
      name: 'stories',
      category: 'language',
      synthetic: true,
      fingerprint: 'f'.repeat(64),
      records: { train: 90, held_out: 10, duplicates: 0 },
    },
  ],
  split: { method: 'content-hash', holdout_fraction: 0.1, answer_only: true, items: 'a'.repeat(64) },
};

/** A specialised model, by the schema. */
export function model(specialization: string, seed: number): ModelRef {
  const id = `cognate_${specialization}_session_20260101_000000`;
  return {
    id,
    name: specialization,
    config: { architecture: 'titans-mag', hyperparameters: { dModel: 8 } },
    weights: artifact('model.safetensors'),
    tokenizer: artifact('tokenizer.json'),
    sidecars: { fisher: artifact('fisher.safetensors') },
    metadata: {
      schema_version: 2,
      model_id: id,
      session_id: 'session_20260101_000000',
      phase_name: 'cognate',
      model_name: specialization,
      created_at: '2026-01-01T00:00:00.000Z',
      parameters: 1024,
      size_mb: 0.004,
      bytes_on_disk: 4096,
      sha256: 'b'.repeat(64),
      format: 'fp32',
      specialization,
      tags: [],
      parent_model_ids: [],
      config_hash: 'c'.repeat(64),
      seed,
      tokenizer_sha256: 'd'.repeat(64),
      tokenizer_kind: 'byte-bpe',
      special_tokens: { pad: 0, bos: 1, eos: 2, unk: null, mask: null },
      vocab_size: 512,
      halting: { threshold: 0.95, accuracy: [0.2, 0.3], probability: null },
      data: DATA,
      metrics: { final_loss: 2.5, val_perplexity: null },
      attributes: { arch_hash: 'e', trunk_id: 'f' },
    },
  };
}

/** What the first phase hands on, by the schema. */
export function handoffOfCognate(): Handoff {
  return {
    schema: 'agentforge:handoff/cognate-models@2',
    source_phase: 'cognate',
    created_at: '2026-01-01T00:00:00.000Z',
    models: [model('reasoning', 42), model('memory_integration', 1337), model('adaptive_computation', 2023)],
    artifacts: { base: artifact('base.safetensors'), split: artifact('split.json') },
    data: DATA,
    facts: { total_size_mb: 0.012, synthetic_data: true, diversity: { halting_range: 0.2, ltm_range: null } },
  };
}

/** What the second phase hands on, by the schema. */
export function handoffOfChampion(): Handoff {
  return {
    schema: 'agentforge:handoff/evomerge-champion@2',
    source_phase: 'evomerge',
    created_at: '2026-01-01T00:00:00Z',
    models: [model('reasoning', 42)],
    artifacts: { split: artifact('split.json') },
    data: DATA,
    facts: {
      fitness: 1.07,
      merge_technique: 'slerp+ties+dfs',
      combo_id: 7,
      combo_binary: '111',
      initial_fitness: 1,
      generations: 50,
      convergence_reason: 'converged',
      parents: ['cognate_reasoning_session_20260101_000000'],
    },
  };
}
