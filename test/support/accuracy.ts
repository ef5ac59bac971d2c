import * as tf from '@tensorflow/tfjs';
import type { Engine } from '../../core/contracts/engine.js';

/** Functions that must be exact to float32 on every device, with a reference in float64. */
export const EXACT_FUNCTIONS = {
  expm1: { run: (x: tf.Tensor) => tf.expm1(x), exact: (x: number) => Math.expm1(x), lowest: -20 },
  log1p: { run: (x: tf.Tensor) => tf.log1p(x), exact: (x: number) => Math.log1p(x), lowest: -0.999 },
} as const;

export type ExactFunction = keyof typeof EXACT_FUNCTIONS;

/** float32 numbers of both signs from 1e-30 to 20, 40 per factor of ten, that are above the lowest one. */
export function manyMagnitudes(lowest: number): Float32Array {
  const positive = Array.from({ length: 40 * 31 + 12 }, (_, i) => 10 ** (i / 40 - 30)).concat([1, 0.5, 20]);
  return Float32Array.from([...positive, ...positive.map((x) => -x)].filter((x) => x > lowest));
}

/** The largest relative error of a function over many magnitudes, and where it is. */
export async function worstError(
  engine: Engine,
  name: ExactFunction,
): Promise<{ readonly at: number; readonly error: number }> {
  const { run, exact, lowest } = EXACT_FUNCTIONS[name];
  const x = manyMagnitudes(lowest);
  const spec = { name, inputs: { x: { shape: [x.length], dtype: 'float32' } } } as const;
  const program = await engine.compile((inputs) => ({ outputs: { y: run(inputs['x']!) } }), spec);
  const y = (await program.run({ x }))['y']!.data;
  await program.dispose();
  let worst = { at: 0, error: 0 };
  x.forEach((at, i) => {
    const error = Math.abs(y[i]! / exact(at) - 1);
    if (!(error <= worst.error)) worst = { at, error };
  });
  return worst;
}
