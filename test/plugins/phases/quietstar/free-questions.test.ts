import { freeQuestions } from '../../../../plugins/phases/quietstar/free-questions.js';
import { completeOptions, record } from './support.js';

describe('free questions', () => {
  const shared = async (count: number, theater: { every: number | null; items?: number }, steps = 10) => {
    const { quiet } = await completeOptions({ quiet: { steps, theater } });
    const known = Array.from({ length: count }, (_, i) => record({ question: `${i}+1=` }));
    const free = [record({ part: 'new-range' }), ...known, record({ part: 'new-family' })];
    const { choice, tests } = freeQuestions({ free }, quiet);
    const numbers = (side: typeof choice) => side.map(({ question }) => parseInt(question, 10));
    expect(new Set([...choice, ...tests]).size).toBe(choice.length + tests.length);
    expect([...choice, ...tests].every(({ part }) => part === 'known')).toBe(true);
    return { choice: numbers(choice), tests: numbers(tests) };
  };
  const counts = async (...asked: Parameters<typeof shared>) => {
    const { choice, tests } = await shared(...asked);
    return [choice.length, tests.length];
  };

  it('are the first ones to choose by, and the last ones for tests', async () => {
    const { choice, tests } = await shared(300, { every: 2, items: 64 });
    expect([choice[0], choice.at(-1)]).toEqual([0, 127]);
    expect([tests[0], tests.at(-1)]).toEqual([236, 299]);
  });

  it.each([
    [192, 64, [128, 64]],
    [191, 64, [127, 64]],
    [100, 64, [50, 50]],
    [600, 500, [128, 472]],
    [1, 64, [1, 0]],
    [0, 64, [0, 0]],
  ])('are on one side alone where there are %d of them', async (count, items, sides) => {
    expect(await counts(count, { every: 2, items })).toEqual(sides);
  });

  it('are all to choose by where nothing is tested', async () => {
    for (const every of [null, 0, 11]) expect(await counts(100, { every })).toEqual([100, 0]);
    expect(await counts(100, { every: 1 }, 0)).toEqual([100, 0]);
  });
});
