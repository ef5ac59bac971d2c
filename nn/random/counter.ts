/**
 * Counter-based random numbers: word i of a stream is a hash of (key, i), so any element can be made alone, in any
 * order and on any engine, and a checkpoint needs only the counter. The mixer is the murmur3 finaliser, applied
 * three times with the two key words folded in between (a counter-mode construction as in Salmon et al. 2011,
 * "Parallel random numbers: as easy as 1, 2, 3", with a cheaper bijection).
 */

/** 64 bits that name one stream. */
export interface StreamKey {
  readonly k0: number;
  readonly k1: number;
}

// Bound once: a global looked up per word is slow where globals are proxied, as under jest.
const { imul, sqrt, log, cos, floor, PI } = Math;

const GOLDEN = 0x9e3779b9;
const TO_UNIT = 1 / 4294967296;
const TO_UNIT_24 = 1 / 16777216;

function mix32(x: number): number {
  let h = x | 0;
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Key of a named stream: the same seed and path give the same key on every machine. */
export function streamKey(seed: number, ...path: readonly (string | number)[]): StreamKey {
  let k0 = mix32(seed ^ GOLDEN);
  let k1 = mix32(floor(seed / 4294967296) ^ k0 ^ 0x7f4a7c15);
  const absorb = (word: number): void => {
    k0 = mix32((k0 + word + GOLDEN) | 0);
    k1 = mix32((k1 ^ word) + imul(k0, GOLDEN));
  };
  for (const part of path) {
    const text = String(part);
    for (let i = 0; i < text.length; i++) absorb(text.charCodeAt(i) + 1);
    absorb(0x10000 + text.length);
  }
  return { k0, k1 };
}

/** Word `index` of a stream, an unsigned 32-bit integer. */
export function wordAt(key: StreamKey, index: number): number {
  const low = index | 0;
  const high = floor(index / 4294967296) | 0;
  return mix32(mix32(mix32(low ^ key.k0) + key.k1 + imul(high, GOLDEN)) ^ key.k0) >>> 0;
}

/** Fill with uniform numbers in [0, 1) on the 24-bit grid, exact in float32. */
export function fillUniform(key: StreamKey, out: Float32Array, offset = 0): void {
  for (let i = 0; i < out.length; i++) out[i] = (wordAt(key, offset + i) >>> 8) * TO_UNIT_24;
}

/** Fill with 1 (probability `keep`) and 0. */
export function fillBernoulli(
  key: StreamKey,
  out: Float32Array | Uint8Array,
  keep: number,
  offset = 0,
): void {
  const threshold = keep * 4294967296;
  // A number made of the comparison, not a branch on it: no processor could foresee it.
  for (let i = 0; i < out.length; i++) out[i] = +(wordAt(key, offset + i) < threshold);
}

/** Fill with standard normal numbers (Box-Muller; two words each). */
export function fillNormal(key: StreamKey, out: Float32Array, offset = 0): void {
  for (let i = 0; i < out.length; i++) out[i] = normalAt(key, offset + i);
}

function normalAt(key: StreamKey, index: number): number {
  const radius = sqrt(-2 * log((wordAt(key, 2 * index) + 1) * TO_UNIT));
  return radius * cos(2 * PI * wordAt(key, 2 * index + 1) * TO_UNIT);
}
