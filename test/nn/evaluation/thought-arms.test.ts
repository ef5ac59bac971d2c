import {
  answerInArms,
  ARMS,
  sampleThoughts,
  type ThoughtArms,
  type ThoughtItem,
} from '../../../nn/evaluation/index.js';
import { otherItems } from '../../../nn/evaluation/placebos.js';
import {
  ARM_OPTIONS,
  COPYING,
  EMPTY,
  MARKS,
  NUMBERS,
  STOP,
  sumItems,
  sumOf,
  thinkerWriter,
  USEFUL,
} from '../../support/thinkers.js';

const right = ({ arms }: ThoughtArms): Record<string, number> =>
  Object.fromEntries(
    Object.entries(arms).map(([arm, answers]) => [arm, answers.filter((one) => one.right).length]),
  );

describe('other items', () => {
  test.each([1, 2, 3])('nobody gets itself; families stay among themselves (seed %d)', (seed) => {
    const families = Array.from({ length: 40 }, (_, i) => `f${i % 3}`);
    const others = otherItems(families, seed);
    others.forEach((other, i) => {
      expect(other).not.toBe(i);
      expect(families[other!]).toBe(families[i]);
    });
    expect(new Set(others).size).toBe(40);
    expect(otherItems(families, seed)).toEqual(others);
    expect(otherItems(families, seed + 10)).not.toEqual(others);
  });

  test('who is alone in the family takes one of the others that are alone, or of any', () => {
    const [a, b] = otherItems(['x', 'y', 'z', 'z'], 1);
    expect([a, b]).toEqual([1, 0]);
    const [, , alone] = otherItems(['x', 'x', 'y'], 1);
    expect([0, 1]).toContain(alone);
    expect(otherItems([undefined, undefined], 1)).toEqual([1, 0]);
    expect(otherItems(['x'], 1)).toEqual([null]);
    expect(otherItems([], 1)).toEqual([]);
  });
});

describe('answers in arms', () => {
  test('a useful thought is worth what it says: its own is right, that of others answers their question', async () => {
    const items = sumItems(60);
    const result = await answerInArms(thinkerWriter(USEFUL), items, ARM_OPTIONS);
    expect(Object.keys(result.arms)).toEqual(['with', 'without', 'other', 'random', 'filler']);
    expect(right(result).with).toBe(60);
    // Others are right where two items happen to have one answer; guesses where a is the sum.
    expect(
      Math.max(...['without', 'other', 'random', 'filler'].map((arm) => right(result)[arm]!)),
    ).toBeLessThan(8);
    const others = otherItems(
      items.map((item) => item.family),
      5,
    );
    items.forEach(({ promptIds: [a, b] }, i) => {
      const { ids, ended, direct } = result.thoughts[i]!;
      expect([ids.at(-1), ids.length, ended]).toEqual([sumOf(a!, b!), 7, true]);
      expect(direct).toEqual([a, ...new Array<number>(6).fill(STOP)]);
      const { with: own, other, random, filler, without } = result.arms;
      expect(own![i]).toEqual({
        right: true,
        answer: String(sumOf(a!, b!)),
        cut: false,
        thought: ids.join(' '),
      });
      expect(other![i]!.thought).toBe(result.thoughts[others[i]!]!.ids.join(' '));
      expect(other![i]!.answer).toBe(String(result.thoughts[others[i]!]!.ids.at(-1)));
      expect(filler![i]!.thought).toBe(new Array(7).fill(STOP).join(' '));
      const drawn = random![i]!.thought!.split(' ').map(Number);
      expect(drawn).toHaveLength(7);
      expect(drawn.every((id) => id > 0 && id <= STOP)).toBe(true);
      expect(without![i]).toMatchObject({ answer: String(a), thought: null });
    });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  test('the same seed gives the same placebos', async () => {
    const ask = (seed: number): Promise<ThoughtArms> =>
      answerInArms(thinkerWriter(USEFUL), sumItems(10), { ...ARM_OPTIONS, seed });
    expect(await ask(1)).toEqual(await ask(1));
    expect((await ask(2)).arms.random).not.toEqual((await ask(1)).arms.random);
  });

  test('thoughts are cut off at their length; a copy of the direct continuation is one', async () => {
    const result = await answerInArms(thinkerWriter(COPYING), sumItems(5), {
      ...ARM_OPTIONS,
      thoughtTokens: 4,
    });
    for (const { ids, ended, direct } of result.thoughts) {
      expect(ids).toHaveLength(4);
      expect(ended).toBe(false);
      expect(ids).toEqual(direct);
    }
  });

  test('what stands in the place of a thought is written as far as the thought goes, or not at all', async () => {
    const asked: (readonly number[] | undefined)[] = [];
    const writer = thinkerWriter(USEFUL);
    const watched = {
      ...writer,
      write: (...[prompts, limits]: Parameters<typeof writer.write>) => {
        asked.push(limits.lengths);
        return writer.write(prompts, limits);
      },
    };
    const told: number[] = [];
    const only = ['with', 'without'] as const;
    const options = { ...ARM_OPTIONS, only, onProgress: (done: number) => void told.push(done) };
    const both = await answerInArms(watched, sumItems(3), options);
    expect(asked).toEqual([undefined, [7, 7, 7], undefined, undefined]);
    const without = await answerInArms(watched, sumItems(3), { ...options, direct: false });
    expect(asked).toHaveLength(7);
    expect(without.thoughts.map(({ direct }) => direct)).toEqual([[], [], []]);
    expect(without.arms).toEqual(both.arms);
    expect(told).toEqual([3, 6, 9, 12, 3, 6, 9]);
  });

  test('an empty thought leaves nothing for placebos either: all arms but the direct one are the same text', async () => {
    const { arms, thoughts } = await answerInArms(thinkerWriter(EMPTY), sumItems(5), ARM_OPTIONS);
    expect(thoughts.map(({ ids, direct }) => [...ids, ...direct])).toEqual(new Array(5).fill([]));
    for (const arm of [arms.other, arms.random, arms.filler]) expect(arm).toEqual(arms.with);
  });

  test('a control answers straight away; what does not fit one context is asked nowhere', async () => {
    const long: ThoughtItem = { promptIds: new Array<number>(52).fill(1), grade: () => true };
    const items = [long, ...sumItems(4), { ...long, promptIds: long.promptIds.slice(1) }];
    const told: [number, number][] = [];
    const seen: string[] = [];
    const control = {
      ...thinkerWriter(EMPTY),
      write: (
        prompts: readonly (readonly number[])[],
        limits: Parameters<ReturnType<typeof thinkerWriter>['write']>[1],
      ) => {
        seen.push(...prompts.map((ids) => ids.join(' ')));
        return thinkerWriter(EMPTY).write(prompts, limits);
      },
    };
    const result = await answerInArms(thinkerWriter(USEFUL), items, {
      ...ARM_OPTIONS,
      control,
      onProgress: (done, total) => void told.push([done, total]),
    });
    // 64 ids of context hold 51 of a prompt, two marks, 8 of a thought and 3 of an answer.
    expect([result.items, result.unfit]).toEqual([[1, 2, 3, 4, 5], 1]);
    expect(Object.keys(result.arms)).toEqual([...ARMS]);
    for (const answers of Object.values(result.arms)) expect(answers).toHaveLength(5);
    expect(seen).toEqual(result.items.map((i) => items[i]!.promptIds.join(' ')));
    expect(told).toEqual([5, 10, 15, 20, 25, 30, 35, 40].map((done) => [done, 40]));
    const small = { ...control, contextLength: 5 };
    expect((await answerInArms(thinkerWriter(USEFUL), items, { ...ARM_OPTIONS, control: small })).unfit).toBe(
      2,
    );
  });

  test('of one item there is no other, of none nothing', async () => {
    const one = await answerInArms(thinkerWriter(USEFUL), sumItems(1), ARM_OPTIONS);
    expect(Object.keys(one.arms)).toEqual(['with', 'without', 'random', 'filler']);
    const none = await answerInArms(thinkerWriter(USEFUL), [], ARM_OPTIONS);
    expect(none).toEqual({ items: [], unfit: 0, thoughts: [], arms: {} });
  });
});

test('several thoughts of a prompt are drawn by seed, prompt and number', async () => {
  const prompts = sumItems(3).map(({ promptIds }) => promptIds);
  const drawn = await sampleThoughts(thinkerWriter(USEFUL), prompts, 4, ARM_OPTIONS);
  expect(drawn.map((own) => own!.length)).toEqual([4, 4, 4]);
  for (const [i, own] of drawn.entries()) {
    const [a, b] = prompts[i]!;
    for (const ids of own!) {
      expect([ids[0], ids[3], ids[6]]).toEqual([a, b, sumOf(a!, b!)]);
      expect(ids.every((id) => id >= 1 && id <= NUMBERS && id !== MARKS.end)).toBe(true);
    }
    expect(new Set(own!.map((ids) => ids.join())).size).toBeGreaterThan(1);
  }
  expect(await sampleThoughts(thinkerWriter(USEFUL), prompts, 4, ARM_OPTIONS)).toEqual(drawn);
});
