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

const TAGS = ['<think>', '</think>', '<step>', '<reason>', '<mece>', '<falsify>', '<expert>', '<doubt>'];

/** What the third phase hands on, by the schema. */
export function handoffOfThinker(): Handoff {
  const champion = model('reasoning', 42);
  const tags = Object.fromEntries(TAGS.map((tag, i) => [tag, 512 + i]));
  return {
    schema: 'agentforge:handoff/quietstar-thinker@2',
    source_phase: 'quietstar',
    created_at: '2026-01-01T00:00:00Z',
    models: [
      {
        ...champion,
        sidecars: { scorer: artifact('scorer.json'), examination: artifact('examination.json') },
        metadata: { ...champion.metadata, thoughts: thoughtsOf(tags) },
      },
    ],
    artifacts: { split: artifact('split.json') },
    data: DATA,
    facts: factsOfThinker(tags),
  };
}

function thoughtsOf(tags: Readonly<Record<string, number>>) {
  const [start, end] = [512, 513];
  return { start, end, tags, length: 48, talk: 4, samples: 4, threshold: 0.6, min_interval: 3 };
}

function factsOfThinker(tags: Readonly<Record<string, number>>): Handoff['facts'] {
  return {
    champion: 'evomerge_champion_session_20260101_000000',
    thinking_tokens: tags,
    thoughts: { tokens: 12, talk: 4, samples: 4, threshold: 0.6, min_interval: 3 },
    baking_accuracy: 0.9,
    accuracy_with_thoughts: 0.9,
    accuracy_without_thoughts: 0.4,
    accuracy_improvement: 0.5,
    validation_set: { datasets: ['reasoning'], part: 'known', items: 500 },
    coherence_score: 0.75,
    validity_rate: 0.8,
    anti_theater: {
      all_passed: false,
      divergence: 0.8,
      ablation_drop: 0.5,
      correlation: null,
      tests: [{ name: 'T3_pearson', value: null, limit: '> 0.5', passed: null, reason: 'too few pairs' }],
    },
    step_2: { baked: 0.9, quiet: 0.91, rolledBack: false },
    reference_sha256: 'e'.repeat(64),
    ordinary_loss: { before: 2.5, after: 2.51 },
    latency: null,
    keep_exact: ['thinking_tokens', 'scorer'],
  };
}
