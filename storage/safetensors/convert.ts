import type { HostArray } from '../../core/contracts/tensor.js';
import type { StoredDtype } from './dtypes.js';
import { fromBfloat16, fromFloat16 } from '../../core/contracts/half.js';

/**
 * Turn `count` stored elements into host elements.
 *
 * @param raw little-endian bytes in a buffer of their own, so that any view of it is aligned
 * @param target part of the host array to fill; its length is the number of elements
 * @returns index of the first element that the host type cannot hold, or -1
 */
export function convertElements(dtype: StoredDtype, raw: ArrayBuffer, target: HostArray): number {
  const count = target.length;
  if (target instanceof Float32Array) return toFloats(dtype, raw, target);
  if (target instanceof Int32Array) return toIntegers(dtype, raw, target, count);
  return -1;
}

function toFloats(dtype: StoredDtype, raw: ArrayBuffer, target: Float32Array): number {
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
  if (dtype === 'F64') target.set(new Float64Array(raw, 0, target.length));
  else if (dtype === 'BF16') fromBfloat16(new Uint16Array(raw, 0, target.length), bits);
  else if (dtype === 'F16') fromFloat16(new Uint16Array(raw, 0, target.length), target, bits);
  return -1;
}

function toIntegers(dtype: StoredDtype, raw: ArrayBuffer, target: Int32Array, count: number): number {
  switch (dtype) {
    case 'I64':
    case 'U64':
      return narrow64(new Int32Array(raw, 0, 2 * count), target, dtype === 'I64');
    case 'U32':
      target.set(new Int32Array(raw, 0, count));
      return target.findIndex((value) => value < 0);
    case 'I16':
      target.set(new Int16Array(raw, 0, count));
      return -1;
    case 'U16':
      target.set(new Uint16Array(raw, 0, count));
      return -1;
    case 'I8':
      target.set(new Int8Array(raw, 0, count));
      return -1;
    default:
      target.set(new Uint8Array(raw, 0, count));
      return -1;
  }
}

/** Low and high words alternate; the high one must be what the low one's sign extends to. */
function narrow64(words: Int32Array, target: Int32Array, signed: boolean): number {
  for (let i = 0; i < target.length; i++) {
    const low = words[2 * i]!;
    const high = words[2 * i + 1]!;
    if (signed ? high !== low >> 31 : high !== 0 || low < 0) return i;
    target[i] = low;
  }
  return -1;
}
