import {
  interveneInTheater,
  THEATER_INTERVENTIONS,
  thoughtAlerts,
  type TheaterAction,
} from '../../../../../plugins/phases/shared/theater/index.js';

const various = Array.from({ length: 20 }, (_, i) => [i, i + 1, i + 2, 40 - i]);
const troubles = (thoughts: number[][]): unknown[] =>
  thoughtAlerts(thoughts).map(({ trouble, value }) => [trouble, value]);

describe('alerts', () => {
  test('of thoughts that differ there are none', () => {
    expect(thoughtAlerts(various)).toEqual([]);
  });

  test('empty ones: more than a fifth', () => {
    const mixed = (empty: number): number[][] => [
      ...various.slice(empty),
      ...new Array<number[]>(empty).fill([]),
    ];
    expect(troubles(mixed(4))).toEqual([]);
    expect(thoughtAlerts(mixed(10))).toEqual([
      {
        severity: 'warning',
        trouble: 'empty-thoughts',
        message: '50 % of the last 20 thoughts are empty.',
        value: 0.5,
        limit: 0.2,
      },
    ]);
    // Of 20 empty ones none repeats another: they are told once.
    expect(troubles(new Array<number[]>(20).fill([]))).toEqual([['empty-thoughts', 1]]);
  });

  test('repeated ones: more than half say what another one says', () => {
    const echo = (kinds: number): number[][] => various.map((_, i) => various[i % kinds]!);
    expect(troubles(echo(10))).toEqual([]);
    expect(troubles(echo(9))).toEqual([['repeated-thoughts', 0.55]]);
    // Ids are compared, not their digits in a row.
    expect(troubles(various.map((_, i) => (i % 2 === 0 ? [1, 23, i] : [12, 3, i])))).toEqual([]);
  });

  test('collapse: all thoughts of two ids, never twice the same', () => {
    const binary = Array.from({ length: 32 }, (_, i) => [16, 8, 4, 2, 1].map((bit) => (i & bit ? 1 : 2)));
    expect(thoughtAlerts(binary)).toEqual([
      {
        severity: 'critical',
        trouble: 'collapsed-thoughts',
        message: 'The last 32 thoughts are made of about 2.0 ids.',
        value: Math.log(2),
        limit: 1,
      },
    ]);
  });

  test('few thoughts say nothing', () => {
    expect(thoughtAlerts(new Array<number[]>(15).fill([]))).toEqual([]);
    expect(thoughtAlerts([])).toEqual([]);
  });
});

describe('interventions', () => {
  test('the documented ones', () => {
    expect(THEATER_INTERVENTIONS.correct).toEqual({
      rollBack: true,
      klFactor: 2,
      rewardThresholdFactor: 1.5,
      stop: false,
    });
    expect(THEATER_INTERVENTIONS['go-on']).toEqual({
      rollBack: false,
      klFactor: 1,
      rewardThresholdFactor: 1,
      stop: false,
    });
  });

  test.each<[TheaterAction | null, TheaterAction]>([
    [null, 'correct'],
    ['raise-kl', 'raise-kl'],
    ['stop', 'stop'],
  ])('a hook that answers %s gets %s', async (answer, action) => {
    const asked: unknown[] = [];
    const ctx = {
      intervene: async <A extends string>(
        trouble: string,
        actions: readonly A[],
        fallback: A,
      ): Promise<A> => {
        asked.push(trouble, [...actions]);
        return actions.find((one) => one === answer) ?? fallback;
      },
    };
    expect(await interveneInTheater(ctx)).toEqual({ action, ...THEATER_INTERVENTIONS[action] });
    expect(asked).toEqual(['theater', Object.keys(THEATER_INTERVENTIONS)]);
  });
});
