import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARCHITECTURE, type Architecture } from '../../../../core/contracts/architecture.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { llama } from '../../../../plugins/architectures/llama/index.js';
import { openModelTensors } from '../../../../storage/safetensors/index.js';
import { implementationOf } from '../../../../testing/index.js';
import { oracles } from '../../../support/oracles.js';
import { readOracle } from '../../../support/oracle-tensors.js';

/** A checkpoint of another implementation, and what that implementation computed with it. */
export interface LlamaCase {
  readonly name: string;
  readonly folder: string;
  read(): Promise<LlamaOracle>;
}

export interface LlamaOracle {
  readonly architecture: Architecture;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: TensorDict;
  /** `input_ids`, `logits`, `loss`, `grad.<tensor>` and, but for one case, `greedy`. */
  readonly expected: TensorDict;
}

export const shared = oracles();

/** The checkpoint that the merge oracles start from, and three in the forms that `save_pretrained` writes. */
export const LLAMA_CASES: readonly LlamaCase[] = [
  caseOf('mergekit/a', shared.path('mergekit', 'a'), async () => {
    const forward = await readOracle(shared.path('pytorch', 'llama', 'forward.safetensors'));
    const gradients = await readOracle(shared.path('pytorch', 'llama', 'gradients.safetensors'));
    const named = Object.entries(gradients).map(([name, tensor]) => [
      name.startsWith('grad.') ? name : `grad.${name}`,
      tensor,
    ]);
    return { ...forward, ...(Object.fromEntries(named) as TensorDict) };
  }),
  ...['gqa-tied-bf16-sharded', 'gqa-untied-fp16', 'theta-fp32-sharded'].map((name) => {
    const folder = shared.path('llama', name);
    return caseOf(name, folder, () => readOracle(join(folder, 'expected.safetensors')));
  }),
];

function caseOf(name: string, folder: string, expected: () => Promise<TensorDict>): LlamaCase {
  return {
    name,
    folder,
    read: async () => {
      const architecture = await implementationOf(ARCHITECTURE, llama());
      const at = join(folder, 'config.json');
      const json = JSON.parse(readFileSync(at, 'utf8')) as Record<string, unknown>;
      const config = architecture.interchange!.fromConfigJson(json, at);
      return { architecture, config, weights: await allTensors(folder), expected: await expected() };
    },
  };
}

/** All tensors of a folder, widened to float32. */
export async function allTensors(folder: string): Promise<TensorDict> {
  const tensors = await openModelTensors(folder);
  try {
    const weights: TensorDict = {};
    for (const name of tensors.names) weights[name] = await tensors.read(name);
    return weights;
  } finally {
    await tensors.close();
  }
}
