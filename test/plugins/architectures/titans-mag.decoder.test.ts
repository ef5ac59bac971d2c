import { ARCHITECTURE, type Architecture } from '../../../core/contracts/architecture.js';
import type { HostTensor } from '../../../core/contracts/tensor.js';
import { stream } from '../../../nn/random/index.js';
import { titansMag } from '../../../plugins/architectures/titans-mag/index.js';
import { implementationOf } from '../../../testing/index.js';
import { largestDifference } from '../../support/close.js';
import { DecodingRows, forwardAnswers, type Answers } from '../../support/decoding.js';
import { describeOnEngines } from '../../support/engines.js';
import { livelyWeights, randomIds, SPECIALISED, tinyTitansMag } from '../../support/titans-mag.js';

const TOLERANCE = 2e-6;

/**
 * Largest difference of the decoded answer to that of `forward` at one position, over all steps; for logits beyond 1
 * (lively weights make them 30 to 60) relative to the largest, as float32 is.
 */
function difference(
  found: Answers,
  row: number,
  whole: Answers,
  wholeRow: number,
  position: number,
): Record<keyof Answers, number> {
  const at = ({ data, shape }: HostTensor, k: number, r: number, t: number): ArrayLike<number> => {
    const [, rows, length, width = 1] = shape as [number, number, number, number?];
    const start = ((k * rows + r) * length + t) * width;
    return data.subarray(start, start + width);
  };
  const worst = (name: keyof Answers): number => {
    const steps = Array.from({ length: whole[name].shape[0]! }, (_, k) => k);
    const scale = Math.max(1, ...steps.map((k) => largestOf(at(whole[name], k, wholeRow, position))));
    const differences = steps.map((k) =>
      largestDifference(at(found[name], k, row, 0), at(whole[name], k, wholeRow, position)),
    );
    return Math.max(...differences) / scale;
  };
  return { logits: worst('logits'), halting: worst('halting') };
}

function largestOf(values: ArrayLike<number>): number {
  return largestDifference(values, new Float32Array(values.length));
}

/** All ways to write `total` as a sum in order. */
function compositions(total: number): number[][] {
  if (total === 0) return [[]];
  return Array.from({ length: total }, (_, i) => i + 1).flatMap((first) =>
    compositions(total - first).map((rest) => [first, ...rest]),
  );
}

const CASES = [
  ['a window shorter than the text', {}],
  ['a window longer than the context', { window: 100 }],
  ['a window of the token alone', { window: 1, recursion: { microSteps: 1 } }],
  ['one step', { recursion: { steps: 1, microSteps: 1 } }],
  ['memory groups', { memoryCapacity: 64 }],
  ['surprise', { surprise: 0.7 }],
  ['novelty', { novelty: 0.7 }],
  ['short convolutions', { shortConvolution: 4 }],
  ['a convolution that reads farther than the window', { shortConvolution: 8, window: 2 }],
  ['a convolution of the token alone', { shortConvolution: 1 }],
  ['everything', { ...SPECIALISED, shortConvolution: 3, window: 3 }],
] as const;

describeOnEngines('titans-mag decoder', (_compute, engine) => {
  let architecture: Architecture;
  beforeAll(async () => {
    architecture = await implementationOf(ARCHITECTURE, titansMag());
  });

  async function differences(
    overrides: Readonly<Record<string, unknown>>,
    ids: readonly number[],
    splits: readonly (readonly number[])[],
    reference: Readonly<Record<string, unknown>> = overrides,
  ): Promise<number[]> {
    const config = tinyTitansMag(overrides);
    const weights = livelyWeights(config);
    const whole = await forwardAnswers(engine(), architecture, tinyTitansMag(reference), weights, [ids]);
    const rows = await DecodingRows.create(engine(), architecture, config, weights, 1);
    const worst: number[] = [];
    for (const sizes of splits) {
      await rows.begin();
      let read = 0;
      for (const size of sizes) {
        const found = await rows.read([ids.slice(read, read + size)], size);
        read += size;
        const { logits, halting } = difference(found, 0, whole, 0, read - 1);
        worst.push(logits, halting);
      }
    }
    await rows.dispose();
    return worst;
  }

  test.each(CASES)('gives the logits of forward at every position: %s', async (_name, overrides) => {
    const ids = [...randomIds(tinyTitansMag(overrides), 14, 5)];
    const splits = [new Array<number>(14).fill(1), [14], [5, 1, 1, 5, 1, 1], [1, 5, 5, 1, 1, 1]];
    const found = await differences(overrides, ids, splits);
    expect(Math.max(...found)).toBeLessThan(TOLERANCE);
  });

  test('gives them however the text is split', async () => {
    const overrides = {
      ...SPECIALISED,
      shortConvolution: 3,
      window: 2,
      recursion: { steps: 2, microSteps: 1 },
    };
    const ids = [...randomIds(tinyTitansMag(overrides), 5, 6)];
    expect(Math.max(...(await differences(overrides, ids, compositions(5))))).toBeLessThan(TOLERANCE);
  });

  test('goes on beyond the context: attention slides, memory decays', async () => {
    const ids = [...randomIds(tinyTitansMag(), 30, 7)];
    const splits = [new Array<number>(30).fill(1), [5, 5, 1, 1, 1, 5, 1, 5, 5, 1]];
    const sliding = { contextLength: 8, shortConvolution: 4, window: 3 };
    expect(Math.max(...(await differences(sliding, ids, splits)))).toBeLessThan(TOLERANCE);
    // What the window would reach beyond the context was never seen in training: the context is the window then.
    const found = await differences({ contextLength: 8, window: 20 }, ids, splits, {
      contextLength: 8,
      window: 7,
    });
    expect(Math.max(...found)).toBeLessThan(TOLERANCE);
  });

  test('reads rows of different lengths side by side; a row without tokens keeps its state bit by bit', async () => {
    const config = tinyTitansMag({ ...SPECIALISED, shortConvolution: 4, window: 4 });
    const weights = livelyWeights(config);
    const texts = [9, 14, 6].map((length, i) => [...randomIds(config, length, 20 + i)]);
    const wholes = await Promise.all(
      texts.map((text) => forwardAnswers(engine(), architecture, config, weights, [text])),
    );
    const rows = await DecodingRows.create(engine(), architecture, config, weights, 3);
    const read = [0, 0, 0];
    const numbers = stream(4, 'pieces');
    while (read.some((count, row) => count < texts[row]!.length)) {
      const width = [1, 4][numbers.integer(2)]!;
      const pieces = texts.map((text, row) => text.slice(read[row], read[row]! + numbers.integer(width + 1)));
      const before = await rows.known();
      const found = await rows.read(pieces, width);
      const after = await rows.known();
      pieces.forEach((piece, row) => {
        read[row]! += piece.length;
        if (piece.length > 0) {
          const { logits, halting } = difference(found, row, wholes[row]!, 0, read[row]! - 1);
          expect(Math.max(logits, halting)).toBeLessThan(TOLERANCE);
        } else
          for (const [name, { data }] of Object.entries(before)) {
            const share = data.length / 3;
            expect(after[name]!.data.slice(row * share, (row + 1) * share)).toEqual(
              data.slice(row * share, (row + 1) * share),
            );
          }
      });
    }
    await rows.dispose();
  });
});
