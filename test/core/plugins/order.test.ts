import fc from 'fast-check';
import { orderPlugins } from '../../../core/plugins/order.js';
import type { Tier } from '../../../core/contracts/index.js';

interface Item {
  readonly name: string;
  readonly tier?: Tier;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

function order(...items: Item[]): string {
  return orderPlugins(items, (item) => item)
    .map(({ name }) => name)
    .join(' ');
}

describe('the order of plugins', () => {
  it('is as listed where nothing is asked', () => {
    expect(order({ name: 'c' }, { name: 'a' }, { name: 'b' })).toBe('c a b');
  });

  it('follows tiers, then before and after within a tier', () => {
    expect(
      order(
        { name: 'late', tier: 'post' },
        { name: 'a', after: ['b'] },
        { name: 'b' },
        { name: 'c', before: ['b'] },
        { name: 'early', tier: 'pre', after: ['late'] },
      ),
    ).toBe('early c b a late');
  });

  it('ignores names that are not there', () => {
    expect(order({ name: 'a', after: ['ghost'], before: ['ghost'] }, { name: 'b' })).toBe('a b');
  });

  it('tells a circle with its path', () => {
    const circle = () =>
      order(
        { name: 'x' },
        { name: 'a', after: ['c'] },
        { name: 'b', after: ['a'] },
        { name: 'c', after: ['b'] },
      );
    expect(circle).toThrow(
      expect.objectContaining({ code: 'AF_PLUGIN_CYCLE', facts: { path: ['a', 'b', 'c', 'a'] } }),
    );
    expect(circle).toThrow(/a -> b -> c -> a/);
    expect(() => order({ name: 'a', before: ['a'] })).toThrow(/a -> a/);
  });

  it('keeps every wish that can be kept, and is stable', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const items = fc
      .uniqueArray(fc.nat({ max: 5 }), { minLength: 1 })
      .chain((ids) =>
        fc.tuple(
          ...ids.map((id) => fc.subarray(names.slice(0, id)).map((after) => ({ name: names[id]!, after }))),
        ),
      );
    fc.assert(
      fc.property(items, (listed) => {
        const ordered = order(...listed).split(' ');
        for (const { name, after } of listed) {
          for (const other of after.filter((each) => ordered.includes(each))) {
            expect(ordered.indexOf(other)).toBeLessThan(ordered.indexOf(name));
          }
        }
        if (listed.every(({ after }) => after.length === 0))
          expect(ordered).toEqual(listed.map(({ name }) => name));
      }),
    );
  });
});
