import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillNormal, streamKey } from '../../nn/random/index.js';
import {
  createSafetensorsWriter,
  type PlannedTensor,
  type StoredDtype,
} from '../../storage/safetensors/index.js';

/** Four related checkpoints: a base, and three that differ from it by small steps. */
export const MODELS = ['base', 'a', 'b', 'c'] as const;

export interface CheckpointSet {
  readonly folder: string;
  /** Bytes of weights in one checkpoint. */
  readonly bytes: number;
  readonly dtype: 'F32' | 'BF16' | 'F16';
  /** Elements of the largest tensor. */
  readonly largest: number;
}

/** Random numbers that are used again and again: making new ones would take longer than merging them. */
const POOL = 1_000_003;

/**
 * Write checkpoints in Llama's layout, about `totalBytes` together.
 * @param folder an empty folder
 */
export async function makeCheckpointSet(
  folder: string,
  totalBytes: number,
  dtype: CheckpointSet['dtype'],
): Promise<CheckpointSet> {
  const width = dtype === 'F32' ? 4 : 2;
  const plan = llama(totalBytes / MODELS.length / width, dtype);
  const weights = numbers('weights', 0.05);
  const steps = numbers('steps', 0.003);
  for (const [index, model] of MODELS.entries()) {
    await mkdir(join(folder, model));
    const writer = await createSafetensorsWriter(join(folder, model, 'model.safetensors'), plan, {
      format: 'pt',
    });
    let offset = 0;
    for (const name of writer.order) {
      const count = elements(plan.find((tensor) => tensor.name === name)!);
      await writer.write(name, related(weights, steps, index, offset, count));
      offset += count;
    }
    await writer.finish();
    await writeFile(
      join(folder, model, 'config.json'),
      JSON.stringify({
        model_type: 'llama',
        architectures: ['LlamaForCausalLM'],
        num_hidden_layers: layersOf(plan),
      }),
    );
  }
  const counts = plan.map(elements);
  return {
    folder,
    bytes: counts.reduce((sum, count) => sum + count, 0) * width,
    dtype,
    largest: Math.max(...counts),
  };
}

function numbers(name: string, scale: number): Float32Array {
  const pool = new Float32Array(POOL);
  fillNormal(streamKey(0, 'bench', 'merge', name), pool);
  return pool.map((value) => value * scale);
}

function related(
  weights: Float32Array,
  steps: Float32Array,
  model: number,
  offset: number,
  count: number,
): Float32Array {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const place = offset + i;
    const step = model === 0 ? 0 : steps[(place * 3 + model * 331_777) % POOL]!;
    out[i] = weights[place % POOL]! + step;
  }
  return out;
}

/** Names and shapes of a Llama of about so many parameters: width 768, two vocabulary matrices, as many layers as fit. */
function llama(parameters: number, dtype: StoredDtype): PlannedTensor[] {
  const hidden = parameters > 40e6 ? 768 : 64;
  const ffn = Math.round((hidden * 8) / 3);
  const vocabulary = parameters > 40e6 ? 8_192 : 512;
  const perLayer = 4 * hidden * hidden + 3 * hidden * ffn + 2 * hidden;
  const layers = Math.max(1, Math.round((parameters - 2 * vocabulary * hidden) / perLayer));
  const tensor = (name: string, ...shape: number[]): PlannedTensor => ({
    name: `${name}.weight`,
    shape,
    dtype,
  });
  return [
    tensor('model.embed_tokens', vocabulary, hidden),
    ...Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) => {
      const named = (name: string, ...shape: number[]) => tensor(`model.layers.${layer}.${name}`, ...shape);
      return [
        named('input_layernorm', hidden),
        ...['q', 'k', 'v', 'o'].map((name) => named(`self_attn.${name}_proj`, hidden, hidden)),
        named('post_attention_layernorm', hidden),
        ...['gate', 'up'].map((name) => named(`mlp.${name}_proj`, ffn, hidden)),
        named('mlp.down_proj', hidden, ffn),
      ];
    }),
    tensor('model.norm', hidden),
    tensor('lm_head', vocabulary, hidden),
  ];
}

function elements({ shape }: PlannedTensor): number {
  return shape.reduce((product, size) => product * size, 1);
}

function layersOf(plan: readonly PlannedTensor[]): number {
  return plan.filter(({ name }) => name.endsWith('.input_layernorm.weight')).length;
}
