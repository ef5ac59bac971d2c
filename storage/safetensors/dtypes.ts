import type { Dtype } from '../../core/contracts/tensor.js';

/**
 * Element types of the format and their width in bits, in the order of the reference implementation: writers put
 * later types first, which aligns every tensor to its element size.
 */
const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

/** An element type as a safetensors header names it. */
export type StoredDtype = keyof typeof BITS;

const RANK = new Map(Object.keys(BITS).map((name, rank) => [name, rank]));

/** Whether `name` is an element type of the format. */
export function isStoredDtype(name: unknown): name is StoredDtype {
  return typeof name === 'string' && Object.hasOwn(BITS, name);
}

/** Bits of one element. */
export function bitsOf(dtype: StoredDtype): number {
  return BITS[dtype];
}

/** Position in the reference order of types; writers sort by it descending. */
export function rankOf(dtype: StoredDtype): number {
  return RANK.get(dtype) ?? 0;
}

/** The host dtype that each stored type is read as; absent: only its raw bytes can be read. */
const HOST: Partial<Record<StoredDtype, Dtype>> = {
  F64: 'float32',
  F32: 'float32',
  F16: 'float32',
  BF16: 'float32',
  I64: 'int32',
  U64: 'int32',
  I32: 'int32',
  U32: 'int32',
  I16: 'int32',
  U16: 'int32',
  I8: 'int32',
  U8: 'int32',
  BOOL: 'bool',
};

/** What `read` turns a stored type into, or null when it can only be read raw. */
export function hostDtypeOf(dtype: StoredDtype): Dtype | null {
  return HOST[dtype] ?? null;
}

/** Elements of a shape, or null when the number is not a safe integer. An empty shape is one scalar. */
export function elementsOf(shape: readonly number[]): number | null {
  if (shape.includes(0)) return 0;
  let elements = 1;
  for (const size of shape) {
    elements *= size;
    if (!Number.isSafeInteger(elements)) return null;
  }
  return elements;
}

/** Bytes of a tensor, or null when it does not fill whole bytes or the number is not a safe integer. */
export function bytesOf(dtype: StoredDtype, shape: readonly number[]): number | null {
  const elements = elementsOf(shape);
  if (elements === null) return null;
  const bits = elements * BITS[dtype];
  return Number.isSafeInteger(bits) && bits % 8 === 0 ? bits / 8 : null;
}
