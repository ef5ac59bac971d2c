import type { Dtype, HostTensor, TensorDict } from '../core/contracts/tensor.js';
import type { StoredFloat } from '../core/contracts/store.js';
import type { PendingFile } from './pending-file.js';
import { SafetensorsBody, type WrittenFile } from './safetensors/writer.js';
import type { StoredDtype } from './safetensors/dtypes.js';
import { layOut } from './safetensors/layout.js';
import { readAllTensors, type SafetensorsReader } from './safetensors/reader.js';

/** Metadata key that keeps the order of a TensorDict, which the order of the bytes does not follow. */
const ORDER = 'tensor_order';

const STORED: Readonly<Record<Dtype, StoredDtype>> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };

/**
 * Write a whole TensorDict into a pending file as safetensors. `floats` is what float32 tensors are stored as, all or
 * each by name; F32 where nothing is said.
 * Equal tensors, names, order and metadata give equal bytes.
 */
export async function writeTensorDict(
  pending: PendingFile,
  tensors: TensorDict,
  options: {
    readonly file: string;
    readonly metadata?: Readonly<Record<string, string>>;
    readonly floats?: StoredFloat | Readonly<Record<string, StoredFloat>>;
  },
): Promise<WrittenFile> {
  const names = Object.keys(tensors);
  const { floats = 'F32' } = options;
  const floatOf = (name: string): StoredFloat =>
    typeof floats === 'string' ? floats : (floats[name] ?? 'F32');
  const plan = names.map((name) => plannedTensor(name, tensors[name]!, floatOf(name)));
  const metadata = { format: 'pt', [ORDER]: JSON.stringify(names), ...options.metadata };
  const body = await SafetensorsBody.start(pending, layOut(plan, metadata, options.file), options.file);
  for (const name of body.order) await body.write(name, tensors[name]!.data);
  return body.complete();
}

/** Read a whole file in the order the tensors were given in when it was written. */
export function readTensorDict(reader: SafetensorsReader): Promise<TensorDict> {
  return readAllTensors(reader, storedOrder(reader));
}

function plannedTensor(name: string, { dtype, shape }: HostTensor, floats: StoredDtype) {
  return { name, shape, dtype: dtype === 'float32' ? floats : STORED[dtype] };
}

/** The stored order when it lists exactly the tensors that are there; files of other writers have none. */
function storedOrder({ metadata, entries }: SafetensorsReader): readonly string[] | undefined {
  const text = metadata[ORDER];
  if (text === undefined) return undefined;
  try {
    const names: unknown = JSON.parse(text);
    const isOrder =
      Array.isArray(names) &&
      names.length === entries.size &&
      names.every((name) => entries.has(name as string));
    return isOrder && new Set(names).size === entries.size ? (names as string[]) : undefined;
  } catch {
    return undefined;
  }
}
