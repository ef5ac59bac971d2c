import { deflateSync } from 'node:zlib';
import { defineFitnessTerm, type TensorDict } from 'agentforge';

/** Rewards weights that compress well: bytes of the eight-bit weights after deflate, beside those of the reference. */
export const compressedSize = defineFitnessTerm({
  name: 'compressed-size',
  description: 'Bytes of the weights, rounded to eight bits and deflated, beside those of the reference',
  create: () => ({
    measure: ({ weights }) => Promise.resolve(bytesOf(weights)),
    score: ({ own }, { own: best }) => {
      if (own === null || best === null) return { value: 1, reason: 'the size was not measured' };
      if (own <= 0 || best <= 0) return { value: own === best ? 1 : 0.5 };
      return { value: Math.min(1.5, Math.max(0.5, best / own)) };
    },
  }),
});

/** Every tensor by itself, its largest magnitude at 127. */
function bytesOf(weights: TensorDict): number {
  return Object.values(weights).reduce((sum, { data }) => {
    const largest = Float32Array.from(data, Math.abs).reduce((most, value) => Math.max(most, value), 0);
    const codes = Int8Array.from(data, (value) => (largest === 0 ? 0 : Math.round((value / largest) * 127)));
    return sum + deflateSync(new Uint8Array(codes.buffer)).byteLength;
  }, 0);
}

export default compressedSize;
