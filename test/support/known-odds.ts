import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Tensor4D } from '@tensorflow/tfjs';
import { Type } from '@sinclair/typebox';
import { defineArchitecture, defineTokenizer, type Tokenizer } from 'agentforge';
import { withDefault } from '../../core/contracts/options.js';

/** One id per byte and one that starts a document. */
const VOCABULARY = 257;
const START = 256;
const STEPS = 2;

/**
 * A language model whose loss can be worked out on paper: every next byte is drawn from the same odds, whatever comes
 * before; each of two recursion steps has its own. It has no decoder and never starts a document.
 */
export const knownOdds = defineArchitecture({
  name: 'known-odds',
  create: () => ({
    configSchema: Type.Object({ contextLength: withDefault(Type.Integer({ minimum: 2 }), 32) }),
    describe: () => [
      { name: 'head', shape: [VOCABULARY, STEPS], role: 'output-head', init: { kind: 'constant', value: 0 } },
    ],
    contextLength: (config) => (config as { contextLength: number }).contextLength,
    vocabularySize: () => VOCABULARY,
    facts: () => ({ recursion_steps: STEPS }),
    attentions: () => [],
    forward: (_config, { head }, { ids }, { select, step } = {}) => {
      const [rows, length] = ids.shape;
      const seen = select === undefined ? length : 1;
      const steps = step === undefined ? [0, 1] : [step - 1];
      const chosen = tf.reshape(tf.oneHot(tf.tensor1d(steps, 'int32'), STEPS), [steps.length, 1, 1, STEPS]);
      return {
        features: tf.tile(tf.cast(chosen, 'float32'), [1, rows, seen, 1]) as Tensor4D,
        head: head as tf.Tensor2D,
        halting: [],
        hidden: [],
        peaks: [],
        statistics: {},
      };
    },
  }),
});

/** @param lossy write capitals as small letters */
function bytes(lossy: boolean): Tokenizer {
  return {
    vocabularySize: VOCABULARY,
    special: { pad: null, bos: START, eos: null, unk: null, mask: null },
    encode: (text) => [...Buffer.from(lossy ? text.toLowerCase() : text)],
    decode: (ids) => Buffer.from(Array.from(ids).filter((id) => id < START)).toString('utf8'),
    serialize: () => '{}',
  };
}

/** Reads only the tokenizer.json that {@link writeKnownOdds} writes. */
export const byteTokens = defineTokenizer({
  name: 'byte-tokens',
  create: () => ({
    train: () => Promise.resolve(bytes(false)),
    load: (json) => {
      const { bytes: kind } = JSON.parse(json) as { bytes?: string };
      if (kind === undefined) throw new Error('not of this kind');
      return bytes(kind === 'lossy');
    },
  }),
});

/** What a folder of such a model holds. */
export interface KnownOdds {
  /** Odds of some bytes against 1 of every other. */
  readonly odds?: Readonly<Record<string, number>>;
  /** The same of the second step; default: as the first. */
  readonly later?: Readonly<Record<string, number>>;
  readonly contextLength?: number;
  readonly lossy?: boolean;
}

/** Write a model folder without metadata, as other programs leave it. */
export function writeKnownOdds(
  folder: string,
  { odds = {}, later = odds, contextLength, lossy = false }: KnownOdds = {},
): void {
  mkdirSync(folder, { recursive: true });
  const head = new Float32Array(VOCABULARY * STEPS);
  for (const [step, odd] of [odds, later].entries()) {
    for (const [byte, value] of Object.entries(odd))
      head[byte.charCodeAt(0) * STEPS + step] = Math.log(value);
    head[START * STEPS + step] = -1e9;
  }
  const header = JSON.stringify({
    head: { dtype: 'F32', shape: [VOCABULARY, STEPS], data_offsets: [0, head.byteLength] },
  }).padEnd(128);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(
    join(folder, 'model.safetensors'),
    Buffer.concat([size, Buffer.from(header), Buffer.from(head.buffer)]),
  );
  const hyperparameters = contextLength === undefined ? {} : { contextLength };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ architecture: 'known-odds', hyperparameters }));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify({ bytes: lossy ? 'lossy' : 'exact' }));
}
