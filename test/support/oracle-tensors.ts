import type { TensorDict } from '../../core/contracts/tensor.js';
import { openSafetensors } from '../../storage/safetensors/index.js';
import { readTensorDict } from '../../storage/tensor-files.js';

/** All tensors of a safetensors file of oracles. */
export async function readOracle(path: string): Promise<TensorDict> {
  const reader = await openSafetensors(path);
  try {
    return await readTensorDict(reader);
  } finally {
    await reader.close();
  }
}
