import type { TextFindings } from '../../../../plugins/phases/quietstar/text.js';
import { injectionThreshold } from '../../../../plugins/phases/quietstar/injection.js';
import { jest } from '@jest/globals';
import { choiceOf, choose } from '../../../../plugins/phases/quietstar/choose.js';
import { byStrategy, tagUsage } from '../../../../plugins/phases/shared/thoughts/scores.js';
import { sharesOf } from '../../../../plugins/phases/quietstar/shares.js';
import { tablesOf } from '../../../../plugins/phases/quietstar/tables.js';
import { NO_THEATER } from '../../../../plugins/phases/quietstar/theater-watch.js';
import type { Findings } from '../../../../plugins/phases/quietstar/conclude.js';
import { theaterReport } from '../../../../plugins/phases/shared/theater/index.js';
import { completeOptions, examined, record, thought } from './support.js';

describe('scores', () => {
  const doubting = record({ strategy: 'self-doubt', trace: '<think><step>1<doubt>1</think>' });
  const stepping = record({ trace: '<think><step>1</think>' });
  const ids = { '<think>': 10, '</think>': 11, '<step>': 12, '<doubt>': 17 };

  it('counts right answers by strategy, in the order of their names', () => {
    const group = examined([doubting, stepping, doubting, stepping, stepping], {
      with: 'rrwwr',
      without: 'rrrrr',
    });
    const scores = byStrategy(group);
    expect(Object.keys(scores)).toEqual(['chain-of-thought', 'self-doubt']);
    expect(scores['chain-of-thought']).toEqual({ items: 3, accuracy: 2 / 3 });
    expect(scores['self-doubt']).toEqual({ items: 2, accuracy: 1 / 2 });
  });

  it('counts nothing of no question', () => {
    expect(byStrategy(examined([], { with: '' }))).toEqual({});
    expect(tagUsage(examined([], { with: '' }), ids)).toEqual({});
  });

  it('asks for a tag only where the worked thought has it', () => {
    const thoughts = [thought([12, 3]), thought([12, 17]), thought([3], false), thought([12, 17])];
    const group = examined([doubting, doubting, stepping, stepping], { with: 'rrrr' }, thoughts);
    expect(tagUsage(group, ids)).toEqual({ step: 3 / 4, doubt: 1 / 2, end: 3 / 4 });
  });
});

describe('the choice between the steps', () => {
  /** Whoever listens says `action`; without it what is done when nobody does. */
  const says = (action?: string) => ({
    intervene: jest.fn((_: string, actions: readonly string[], fallback: string) =>
      Promise.resolve(actions.find((one) => one === action) ?? fallback),
    ),
  });

  it.each([
    ['worse is taken back', 0.5, 0.49, true],
    ['as good stays', 0.5, 0.5, false],
    ['better stays', 0.5, 0.51, false],
    ['nothing was asked', null, null, false],
  ] as const)('%s', async (_, baked, quiet, rolledBack) => {
    expect(await choiceOf(says() as never, baked, quiet)).toEqual({ baked, quiet, rolledBack });
  });

  it('is left to whoever listens, and only where step 2 made it worse', async () => {
    const keeps = says('go-on');
    expect((await choiceOf(keeps as never, 0.5, 0.4)).rolledBack).toBe(false);
    expect(keeps.intervene).toHaveBeenCalledTimes(1);
    await choiceOf(keeps as never, 0.5, 0.6);
    expect(keeps.intervene).toHaveBeenCalledTimes(1);
  });
});

test('a step 2 that was stopped is taken back and asked nothing', async () => {
  const baked = { accuracy: 0.5, items: 8, arm: 'with' } as const;
  const stopped = { model: {} as never, theater: { ...NO_THEATER, stopped: true } };
  expect(await choose({} as never, baked, stopped, {} as never)).toEqual({
    ...{ baked: 0.5, quiet: null },
    rolledBack: true,
  });
});

test('a model whose thoughts cost at hard places does not think there', async () => {
  const text = { thinking: { lossWith: 3.5, lossWithout: 3 } } as TextFindings;
  expect(await injectionThreshold({} as never, {} as never, text)).toBe(1);
});

describe('shares of the work', () => {
  it('follow each other from nothing to everything', async () => {
    const shares = sharesOf(await completeOptions());
    const ends = (['thoughts', 'control', 'thinking', 'examination'] as const).map((part) =>
      shares.at(part, 1),
    );
    // Four updates, four of the control, two of four times the cost, and sixteen questions at four to an update.
    expect(ends).toEqual([4 / 20, 8 / 20, 16 / 20, 1]);
    expect(shares.at('control', 0)).toBe(ends[0]);
  });

  it('give nothing to what is left out', async () => {
    const options = await completeOptions({ quiet: { steps: 0 }, baking: { steps: 4, control: false } });
    const shares = sharesOf(options);
    expect(shares.at('thoughts', 1)).toBe(shares.at('thinking', 1));
  });
});

describe('tables', () => {
  const text = {
    thinking: { items: [1, 2], lossWith: 1.25, lossWithout: 1.5, accuracyWith: 0.5, accuracyWithout: null },
  };
  const tables = (arms: Parameters<typeof examined>[1], count: number) => {
    const { arms: answered } = examined(
      Array.from({ length: count }, () => record()),
      arms,
    );
    const report = theaterReport({ arms: answered }, { resamples: 100 });
    return tablesOf([{ part: 'known', report }], { text } as unknown as Findings, [
      { name: 'thoughts', seconds: 6 },
      { name: 'text', seconds: 2 },
    ]);
  };

  it('have a row for every arm; one that was not asked is a dash', () => {
    const [arms] = tables({ with: 'rrrw', without: 'rwww' }, 4);
    expect(arms!.columns).toEqual(['', 'known (4)', '95 %']);
    expect(arms!.rows).toHaveLength(6);
    expect(arms!.rows[0]!.slice(0, 2)).toEqual(['its own thought', '75.0 %']);
    expect(arms!.rows[1]!.slice(0, 2)).toEqual(['no thought', '25.0 %']);
    expect(arms!.rows[5]).toEqual(['a control that never thought', '-', '']);
    for (const { columns, rows } of tables({ with: 'rrrw' }, 4))
      for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  it('say where the seconds went', () => {
    const [, , seconds] = tables({ with: 'r' }, 1);
    expect(seconds!.title).toMatch(/\(8\.0 of the process/);
    expect(seconds!.rows).toEqual([
      ['step 1, thoughts', '6.0', '75.0 %'],
      ['thoughts at hard places of text', '2.0', '25.0 %'],
    ]);
  });

  it('have a dash for what was not measured of text', () => {
    const [, hard] = tables({ with: 'r' }, 1);
    expect(hard!.title).toMatch(/2 places/);
    expect(hard!.rows).toEqual([
      ['after a thought', '1.250', '50.0 %'],
      ['without', '1.500', '-'],
    ]);
  });
});
