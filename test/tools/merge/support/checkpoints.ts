import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostTensor, TensorDict } from '../../../../core/contracts/tensor.js';
import { stream } from '../../../../nn/random/index.js';
import {
  createSafetensorsWriter,
  openModelTensors,
  type PlannedTensor,
  type StoredDtype,
} from '../../../../storage/safetensors/index.js';

/** A folder for the checkpoints of one test. */
export function temporaryFolder(): {
  readonly path: string;
  join(...parts: string[]): string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'agentforge-merge-'));
  return {
    path,
    join: (...parts) => join(path, ...parts),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export interface TinyLlama {
  readonly layers?: number;
  readonly hidden?: number;
  readonly vocabulary?: number;
}

/** Names and shapes of a small Llama, as Hugging Face stores it. */
export function llamaShapes({ layers = 2, hidden = 4, vocabulary = 6 }: TinyLlama = {}): Map<
  string,
  readonly number[]
> {
  const shapes = new Map<string, readonly number[]>([['model.embed_tokens.weight', [vocabulary, hidden]]]);
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `model.layers.${layer}`;
    shapes.set(`${prefix}.input_layernorm.weight`, [hidden]);
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'o_proj'])
      shapes.set(`${prefix}.self_attn.${name}.weight`, [hidden, hidden]);
    shapes.set(`${prefix}.mlp.up_proj.weight`, [2 * hidden, hidden]);
    shapes.set(`${prefix}.mlp.down_proj.weight`, [hidden, 2 * hidden]);
  }
  shapes.set('model.norm.weight', [hidden]);
  shapes.set('lm_head.weight', [vocabulary, hidden]);
  return shapes;
}

/** Random weights; the same seed gives the same. */
export function randomTensors(
  shapes: ReadonlyMap<string, readonly number[]>,
  seed: number,
  scale = 1,
): TensorDict {
  return Object.fromEntries(
    [...shapes].map(([name, shape]) => {
      const numbers = stream(seed, 'checkpoint', name);
      const data = Float32Array.from(
        { length: shape.reduce((a, b) => a * b, 1) },
        () => scale * numbers.normal(),
      );
      return [name, { shape, dtype: 'float32', data } satisfies HostTensor];
    }),
  );
}

export interface CheckpointOptions {
  readonly dtype?: StoredDtype;
  /** Number of shards; 1 is a single file. */
  readonly shards?: number;
  readonly config?: object | null;
  /** Stored types of single tensors. */
  readonly dtypes?: Readonly<Record<string, StoredDtype>>;
  /** Other files, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Write a checkpoint in Hugging Face layout. */
export async function writeCheckpoint(
  folder: string,
  tensors: TensorDict,
  options: CheckpointOptions = {},
): Promise<void> {
  const { dtype = 'F32', shards = 1, dtypes = {}, files = {} } = options;
  mkdirSync(folder, { recursive: true });
  const names = Object.keys(tensors);
  const groups = Array.from({ length: shards }, (_, shard) => names.filter((_, i) => i % shards === shard));
  const weightMap: Record<string, string> = {};
  for (const [index, group] of groups.entries()) {
    const file =
      shards === 1
        ? 'model.safetensors'
        : `model-${String(index + 1).padStart(5, '0')}-of-${String(shards).padStart(5, '0')}.safetensors`;
    const plan: PlannedTensor[] = group.map((name) => ({
      name,
      shape: tensors[name]!.shape,
      dtype: dtypes[name] ?? storedDtype(tensors[name]!, dtype),
    }));
    const writer = await createSafetensorsWriter(join(folder, file), plan, { format: 'pt' });
    for (const name of writer.order) await writer.write(name, tensors[name]!.data);
    await writer.finish();
    for (const name of group) weightMap[name] = file;
  }
  if (shards > 1)
    writeFileSync(
      join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ metadata: {}, weight_map: weightMap }),
    );
  const layers = new Set(names.flatMap((name) => /layers\.(\d+)\./.exec(name)?.[1] ?? [])).size;
  const config = options.config === undefined ? llamaConfig(layers) : options.config;
  if (config !== null) writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

function storedDtype({ dtype }: HostTensor, float: StoredDtype): StoredDtype {
  return dtype === 'float32' ? float : dtype === 'int32' ? 'I32' : 'BOOL';
}

export function llamaConfig(layers = 2): object {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    num_hidden_layers: layers,
    torch_dtype: 'float32',
  };
}

/** All tensors of a checkpoint. */
export async function readCheckpoint(folder: string): Promise<TensorDict> {
  const tensors = await openModelTensors(folder);
  const read: TensorDict = {};
  for (const name of [...tensors.names].sort()) read[name] = await tensors.read(name);
  await tensors.close();
  return read;
}

/** Largest difference of any element; names and shapes must be equal. */
export function largestDifference(found: TensorDict, expected: TensorDict): number {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  let largest = 0;
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect([name, found[name]!.shape]).toEqual([name, shape]);
    data.forEach((value, i) => (largest = Math.max(largest, Math.abs(value - found[name]!.data[i]!))));
  }
  return largest;
}
