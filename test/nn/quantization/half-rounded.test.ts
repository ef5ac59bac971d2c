import { halfRounded, halfRoundedTensor } from '../../../nn/quantization/index.js';
import { stream } from '../../../nn/random/index.js';
import { describeOnEngines } from '../../support/engines.js';

/** Numbers of every exponent of half floats and around: random ones, exact ties, and their neighbours. */
function numbers(): Float32Array {
  const random = stream(5, 'half-rounded');
  const all: number[] = [0, -0, 65504, 65519, 65520, 7e4, -1e30, 2 ** -24, 2 ** -25, 2 ** -26, 1e-30];
  for (let exponent = -26; exponent < 16; exponent++)
    for (let i = 0; i < 40; i++) {
      const half = (1 + random.integer(1024) / 1024) * 2 ** exponent;
      const spacing = 2 ** (Math.max(exponent, -14) - 10);
      const tie = half + spacing / 2;
      all.push(
        half,
        tie,
        tie + spacing / 1024,
        tie - spacing / 1024,
        -(1 + random.uniform()) * 2 ** exponent,
      );
    }
  return Float32Array.from(all);
}

describeOnEngines('half floats in tfjs', (compute) => {
  test('are those of the bit patterns, ties to even', async () => {
    const data = numbers();
    const { y } = await compute({ x: { shape: [data.length], dtype: 'float32', data } }, ({ x }) => ({
      y: halfRoundedTensor(x!),
    }));
    const expected = halfRounded(data);
    const wrong = [...data.keys()].filter((i) => y!.data[i] !== expected[i]);
    expect(wrong.map((i) => [data[i], y!.data[i], expected[i]])).toEqual([]);
  });
});

test('what half floats do not reach is cut off', () => {
  expect([...halfRounded(Float32Array.of(65503, 65519, 65520, -1e30))]).toEqual([
    65504, 65504, 65504, -65504,
  ]);
});
