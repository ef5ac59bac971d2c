import { gradientVariances, varianceOf } from '../../../../plugins/phases/curriculum/gradient-variance.js';
import type { LevelList } from '../../../../plugins/phases/curriculum/lists.js';
import type { CurriculumRun } from '../../../../plugins/phases/curriculum/prepare.js';
import { Forge } from '../../../../plugins/phases/curriculum/training.js';
import { withRun } from './support.js';

test('is that of a sample', () => {
  expect(varianceOf([])).toBeNull();
  expect(varianceOf([3])).toBeNull();
  // mean 4, squares 4 + 0 + 4 over 2
  expect(varianceOf([2, 4, 6])).toBe(4);
});

/** Tasks that are short enough for the rows of the tiny model. */
function shortList(run: CurriculumRun, difficulty: number): LevelList {
  const items = run.book.questions({ difficulty, side: 'train', count: 60 }, 'variance');
  const short = items
    .filter(({ question }) => question.length < 12)
    .map((item) => ({ ...item, thought: null }));
  const asked = short.map((item) => ({ item, manuals: [], hint: null }));
  return { name: 'short', level: 1, difficulty, asked };
}

test('levels with enough tasks have one, and measuring it trains nothing', () =>
  withRun({}, async (run) => {
    const forge = await Forge.open(run);
    const before = await forge.trainer.weights('param');
    const lists = [shortList(run, 1), shortList(run, 20)];
    const [first, second] = await gradientVariances(run, forge, lists);
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(0);
    expect(first).not.toBe(second);
    expect(await gradientVariances(run, forge, [{ ...lists[0]!, asked: [] }])).toEqual([null]);
    expect(await forge.trainer.weights('param')).toEqual(before);
    await forge.dispose();
  }));
