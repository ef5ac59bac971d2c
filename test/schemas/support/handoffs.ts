import type { DataFacts, Handoff, ModelRef, ToolFacts } from '../../../core/contracts/index.js';

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

const FORMATS = { 'layers.0.ffn.up': { use: 'ternary' }, 'embedding.table': { use: 'int8' } };

/** A form of the model of the fourth phase. */
function formOf(
  name: string,
  { weights, format }: { readonly weights: string; readonly format: ModelRef['metadata']['format'] },
): ModelRef {
  const { config, metadata, ...rest } = model('reasoning', 42);
  const quantization = { weights, activations: 'int8', norms: [], epsilon: 1e-5, formats: FORMATS };
  return {
    ...{ ...rest, name, id: `bitnet_${name}_session_20260101_000000` },
    config: { ...config, quantization } as ModelRef['config'],
    sidecars: { layer_map: artifact('layer-map.json'), split: artifact('split.json') },
    metadata: {
      ...{ ...metadata, format, model_name: name, model_id: `bitnet_${name}_session_20260101_000000` },
      phase_name: 'bitnet',
    },
  };
}

/** What the fourth phase hands on, by the schema. */
export function handoffOfBitnet(): Handoff {
  const latent = formOf('ternary-latent', { weights: 'latent', format: 'fp32' });
  const { facts } = handoffOfThinker();
  return {
    schema: 'agentforge:handoff/ternary-model@2',
    source_phase: 'bitnet',
    created_at: '2026-01-01T00:00:00Z',
    models: [
      {
        ...latent,
        sidecars: { ...latent.sidecars, training_state: artifact('training-state.safetensors') },
      },
      formOf('ternary', { weights: 'applied', format: 'ternary' }),
      formOf('ternary-fp16', { weights: 'applied', format: 'fp16' }),
    ],
    artifacts: { split: artifact('split.json') },
    data: DATA,
    facts: {
      thinker: 'quietstar_thinker_session_20260101_000000',
      compression: { bytes_before: 1000, bytes_after: 100, ratio: 10, ratio_fp16: 5 },
      perplexity: { before: 10, untrained: 400, after: 10.5, recovered: 0.99 },
      accuracy: { before: 0.9, after: 0.85, without: 0.4 },
      ...{ accuracy_retention: 0.94, dequantization_accuracy: 1, gradient_flow_passed: true },
      ...{ sparsity: 0.3, speedup: 2.5 },
      anti_theater: { tests: (facts['anti_theater'] as { tests: unknown }).tests },
      thoughts: { tokens: 12, threshold: 0.6 },
      thinking_tokens: facts['thinking_tokens'],
      validation_set: { datasets: ['reasoning'], part: 'known', items: 500 },
      quantization_metadata: {
        ...{ scheme: '1.58-bit', rounding: 'half-to-even', activations: 'int8' },
        layers: [
          {
            ...{ name: 'layers.0.ffn.up', role: 'ffn-up', shape: [8, 16] },
            ...{ format: { use: 'ternary' }, bytes: 30 },
          },
        ],
        ...{ preserved_layers: ['gate.first'], norms: ['layers.0.ffn.down'] },
      },
      misses: [{ gate: 'speedup', measured: 1.5, target: '>= 2' }],
    },
  };
}

const TOOLS: ToolFacts = {
  tags: { '<|tool|>': 520, '<|args|>': 521, '<|/tool|>': 522, '<|result|>': 523, '<|/result|>': 524 },
  names: { calculator: 525 },
  most_arguments: 32,
  most_calls: 3,
};

/** What the fifth phase hands on, by the schema: two of three levels were reached. */
export function handoffOfCurriculum(): Handoff {
  const ternary = handoffOfBitnet();
  return {
    ...ternary,
    schema: 'agentforge:handoff/forged-model@2',
    source_phase: 'curriculum',
    models: ternary.models.map((form) => ({ ...form, metadata: { ...form.metadata, tools: TOOLS } })),
    facts: { ...factsOfCurriculum(), ...keptFacts(ternary.facts) },
  };
}

/** What the sixth phase hands on, by the schema: one tool and one persona are in the model, another tool was taken back. */
export function handoffOfBaking(): Handoff {
  const forged = handoffOfCurriculum();
  return {
    ...forged,
    schema: 'agentforge:handoff/baked-model@2',
    source_phase: 'baking',
    models: forged.models.map((form) => ({
      ...form,
      metadata: {
        ...form.metadata,
        tools: { ...TOOLS, unprompted: ['calculator'] },
        personas: { tags: { helpful: 530 } },
      },
    })),
    facts: { ...factsOfBaking(), ...keptFacts(forged.facts) },
  };
}

function factsOfBaking(): Handoff['facts'] {
  const entry = {
    ...{ order: 1, name: 'calculator', subjects: ['calculator'], kind: 'tool', attempt: 1, kept: true },
    ...{ reason: null, prompts: ['a'.repeat(64)], strength: [0.5, 1], seeds: [1, 2], updates: 60 },
    ...{ kl: { before: 0.4, after: 0.1 }, r2: { before: -10, after: null } },
  };
  return {
    forged: 'curriculum_forged_session_20260101_000000',
    ...{ tool_success_rate: 0.9, persona_consistency: 0.95, false_call_rate: 0.02 },
    tools: {
      facts: { ...TOOLS, unprompted: ['calculator'] },
      success: { calculator: { items: 200, unprompted: 0, prompted: 0.93, baked: 0.92 } },
    },
    personas: {
      ...{ switching: 'trigger', names: ['helpful'], tags: { helpful: 530 }, bank: [] },
      confusion: [[0.95], [0.01]],
    },
    ledger: [entry, { ...entry, order: 2, name: 'search', subjects: ['search'], kept: false, reason: 'too much was lost' }],
    teacher_check: {
      tools: [{ tool: 'calculator', items: 100, prompted: 0.93, unprompted: 0, refused: null }],
      personas: [{ persona: 'helpful', items: 100, prompted: 0.97, unprompted: 0, refused: null }],
    },
    forgetting: { lists: ['thoughts'], moments: ['before'], accuracy: [[0.8]], most_points: 2 },
    cycles: { a_cycle_iterations: 1, b_cycle_iterations: 1, a_plateau: false, b_plateau: true, baked: 0 },
    ...{ tool_prompts_baked: ['calculator'], persona_prompts_baked: ['helpful'] },
    baked_prompts: ['calculator', 'helpful'],
    accuracy: { after: 0.85, without: 0.01 },
    perplexity: { before: 10, after: 10.5 },
    compression: { bytes_before: 100, bytes_after: 101 },
    latency: { prompted_ms: 120, baked_ms: 115, tokens_saved: 16 },
  };
}

function factsOfCurriculum(): Handoff['facts'] {
  return {
    ternary: 'bitnet_ternary_session_20260101_000000',
    ...{ final_accuracy: 0.6, final_loss: 2.4 },
    assessment: { verdict: 'found', baseline: 12.5, threshold: 0.75, accuracy: 0.74 },
    levels: [
      { level: 1, difficulty: 12.5, before: 0.75, after: 0.9, epochs: 1, outcome: 'accuracy' },
      { level: 2, difficulty: 56.25, before: 0.3, after: 0.4, epochs: 3, outcome: 'hard-wall' },
      { level: 3, difficulty: 100, before: null, after: null, epochs: 0, outcome: 'not-reached' },
    ],
    ...{ levels_completed: 1, stages_completed: 4 },
    retention: {
      lists: ['level 1', 'level 2'],
      moments: ['level 1', 'level 2'],
      accuracy: [
        [0.9, 0.88],
        [null, 0.4],
      ],
      forgetting: 0.02,
    },
    grokking: { detected: false, levels: [{ level: 1, verdict: 'ordinary_generalisation' }] },
    speedup_report: { report: null, reason: 'not asked for' },
    tools: {
      facts: TOOLS,
      success: {
        calculator: { items: 200, with_manual: 0.95, without_manual: 0, calls_without_manual: 0.01 },
      },
      false_calls: 0.02,
    },
    accuracy: { before: 0.85, after: 0.86, without: 0.4 },
    perplexity: { before: 10.5, after: 11 },
    compression: { bytes_before: 100, bytes_after: 102 },
    baked_prompts: [],
  };
}

/** What is told of a ternary model after every phase. */
function keptFacts(facts: Handoff['facts']): Handoff['facts'] {
  const kept = ['anti_theater', 'thoughts', 'thinking_tokens', 'validation_set', 'quantization_metadata'];
  return Object.fromEntries([...kept, 'misses'].map((name) => [name, facts[name]]));
}

/** What a comparison of optimizers hands on: one that took longer, and one that was never there. */
export function compared() {
  const point = { step: 0, seconds: 0, loss: 3, text: 2, tasks: 4 };
  const arm = { optimizer: 'mugrokfast', options: { lambda: 2 }, diverged: false, ms_per_update: 150, curve: [point] };
  return {
    report: {
      ...{ baseline: 'off', subject: 'on', steps: 40, target_loss: 1.5 },
      ...{ target_reduction_pct: 50, met: false },
      arms: [
        { name: 'off', ...arm, steps_to_target: 40, seconds_to_target: 8.5, time_reduction_pct: -3.5 },
        {
          ...{ name: 'on', ...arm, steps_to_target: null, seconds_to_target: null, time_reduction_pct: null },
          reason: 'the target was not reached in 40 updates',
        },
      ],
    },
  };
}
