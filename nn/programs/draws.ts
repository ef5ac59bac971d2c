import type { RandomKey } from '../../core/contracts/index.js';
import { ForgeError } from '../../core/errors/index.js';
import { fillBernoulli, fillNormal, fillUniform, streamKey } from '../random/index.js';

/** One random tensor that a function asked for; its place in the list of draws is part of its key. */
export type Draw = { readonly shape: readonly number[] } & (
  | { readonly kind: 'bernoulli'; readonly keep: number }
  | { readonly kind: 'uniform' }
  | { readonly kind: 'normal' }
);

/** The numbers of draw `index` for a key: the same on every engine. */
export function fillDraw(draw: Draw, key: RandomKey, index: number, out: Float32Array): void {
  const stream = streamKey(key.seed, key.stream, key.counter, index);
  if (draw.kind === 'bernoulli') fillBernoulli(stream, out, draw.keep);
  else if (draw.kind === 'uniform') fillUniform(stream, out);
  else fillNormal(stream, out);
}

/** @throws ForgeError AF_ENGINE_INPUT when a function draws random numbers and was given no key. */
export function requireRandomKey(program: string, key: RandomKey | undefined): RandomKey {
  if (key) return key;
  throw new ForgeError(
    'AF_ENGINE_INPUT',
    `Program ${program} draws random numbers but was run without a random key.`,
    {
      at: program,
      fix: 'Pass `random: { seed, stream, counter }` to run().',
    },
  );
}
