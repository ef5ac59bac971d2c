import type { HostArray } from '../../../../core/contracts/tensor.js';
import {
  endsWithoutThoughts,
  longestShape,
  quietStages,
} from '../../../../plugins/phases/quietstar/quiet-stages.js';
import { ThinkingSource } from '../../../../plugins/phases/quietstar/thinking-source.js';
import { completeOptions } from './support.js';

const optionsOf = (steps: number, shrink: { until: number; tokens: number; talk?: number }[]) =>
  completeOptions({
    thoughts: { tokens: 4, talk: 2, samples: 2, positions: 3 },
    quiet: { steps, shrink, training: { length: 24 } },
  });
const lengths = (stages: ReturnType<typeof quietStages>) =>
  stages.map(({ from, to, shape }) => [from, to, shape?.length ?? 0, shape?.talk ?? 0]);

describe('stages of step 2', () => {
  it('are one without a curriculum', async () => {
    const options = await optionsOf(10, []);
    expect(quietStages(options)).toEqual([
      { from: 0, to: 10, shape: { base: 24, positions: 3, thoughts: 2, length: 4, talk: 2 } },
    ]);
    expect(endsWithoutThoughts(options)).toBe(false);
  });

  it('shrink towards the thoughts of the phase, by shares of the updates', async () => {
    const options = await optionsOf(10, [
      { until: 0.3, tokens: 8, talk: 4 },
      { until: 0.5, tokens: 6 },
    ]);
    expect(lengths(quietStages(options))).toEqual([
      [0, 3, 8, 4],
      [3, 5, 6, 2],
      [5, 10, 4, 2],
    ]);
    expect(longestShape(options)).toMatchObject({ length: 8, talk: 4, positions: 3 });
  });

  it('end without thoughts where the last one has none', async () => {
    const options = await optionsOf(4, [
      { until: 0.5, tokens: 4 },
      { until: 1, tokens: 0 },
    ]);
    expect(lengths(quietStages(options))).toEqual([
      [0, 2, 4, 2],
      [2, 4, 0, 0],
    ]);
    expect(endsWithoutThoughts(options)).toBe(true);
  });

  it('leave out what has no update', async () => {
    const options = await optionsOf(2, [
      { until: 0.2, tokens: 8 },
      { until: 1, tokens: 6 },
    ]);
    expect(lengths(quietStages(options))).toEqual([[0, 2, 6, 2]]);
    expect(quietStages(await optionsOf(0, []))).toEqual([]);
  });
});

test('a stage without thoughts goes on with text, rewards and the count of the stage before it', async () => {
  let row = 0;
  const text = {
    nextBatch: () => {
      row += 1;
      return { ids: Int32Array.of(row), targets: Int32Array.of(0), segments: Int32Array.of(0) };
    },
    state: () => row,
    restore: (state: unknown) => void (row = state as number),
  };
  const weightsAt = () => ({ policyWeight: 1, klWeight: 0.25, entropyWeight: 0, rewardThreshold: 0.5 });
  const thinker = {
    think: () => Promise.resolve({ places: Int32Array.of(7) }),
    written: ({ places }: Readonly<Record<string, HostArray>>) => places![0]!,
  };
  const thinking = new ThinkingSource({ text, weightsAt, thinker, accumulation: 1 });
  const { extras } = await thinking.nextBatch(1, 1);
  expect(extras).toMatchObject({ places: Int32Array.of(7), rewardSpread: Float32Array.of(0) });
  expect(extras).toMatchObject({ rewardThreshold: Float32Array.of(0.5), klWeight: Float32Array.of(0.25) });
  thinking.observe(0.5);
  const cursor: unknown = JSON.parse(JSON.stringify(thinking.state()));

  row = 100;
  const plain = new ThinkingSource({ text, weightsAt, thinker: null, accumulation: 1 });
  plain.restore(cursor);
  const next = await plain.nextBatch(1, 1);
  expect(next.ids).toEqual(Int32Array.of(2));
  expect(next.extras).toEqual({ klWeight: Float32Array.of(0.25) });

  const again = new ThinkingSource({ text, weightsAt, thinker, accumulation: 1 });
  again.restore(plain.state());
  const { extras: later } = await again.nextBatch(1, 1);
  expect([thinking.thoughts, plain.thoughts, again.thoughts]).toEqual([7, 7, 14]);
  expect((later!['rewardSpread'] as Float32Array)[0]).toBeCloseTo(0.5, 6);
});

test('weights change by update, not by batch', async () => {
  const updates: number[] = [];
  const weights = { policyWeight: 1, klWeight: 1, entropyWeight: 1, rewardThreshold: 0 };
  const batch = { ids: Int32Array.of(1), targets: Int32Array.of(2), segments: Int32Array.of(0) };
  const source = new ThinkingSource({
    text: { nextBatch: () => batch, state: () => 0, restore: () => undefined },
    thinker: null,
    weightsAt: (update) => {
      updates.push(update);
      return weights;
    },
    accumulation: 2,
  });
  for (let i = 0; i < 4; i++) await source.nextBatch(1, 1);
  expect(updates).toEqual([1, 1, 2, 2]);
});
