import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../../../core/contracts/half.js';

/** A 16-bit type that frequencies were rounded to. */
export type HalfType = 'bfloat16' | 'float16';

/**
 * Let rotary frequencies be rounded to a 16-bit type from now on. The models behind the 16-bit oracles were cast to
 * their type before their answers were computed, and the table of inverse frequencies, theta^(-2i/dh), was cast with
 * them: the answers differ from those of the stored weights by 1e-4, and agree to 1e-6 once the frequencies are rounded.
 *
 * @returns undoes it
 */
export function roundFrequencies(type: HalfType, theta: number): () => void {
  const power = Math.pow;
  const spy = jest.spyOn(Math, 'pow').mockImplementation((base, exponent) => {
    const value = power(base, exponent);
    return base === theta ? rounded(value, type) : value;
  });
  return () => spy.mockRestore();
}

function rounded(value: number, type: HalfType): number {
  const float = Float32Array.of(value);
  const bits = new Uint32Array(float.buffer);
  const half = new Uint16Array(1);
  if (type === 'bfloat16') {
    toBfloat16(bits, half);
    fromBfloat16(half, bits);
  } else {
    toFloat16(bits, half);
    fromFloat16(half, float, bits);
  }
  return float[0]!;
}
