import type { Dataset, DataRecord } from '../../../../../core/contracts/dataset.js';
import type { SplitData } from '../../../../../plugins/phases/shared/data/split.js';
import {
  calibrationRows,
  type CalibrationRowsOptions,
} from '../../../../../plugins/phases/shared/calibration/rows.js';
import { letterTokenizer } from '../../../../../testing/index.js';

/** Datasets of one letter each: free records in it, locked ones in the next. */
function split(free: Readonly<Record<string, number>>): SplitData {
  const dataset = { category: 'language', synthetic: true } as unknown as Dataset;
  const records = (letter: string, count: number): DataRecord[] =>
    Array.from({ length: count }, (_, i) => ({ text: letter.repeat(13 + (i % 3)) }));
  const locked = new Set<string>();
  const sets = Object.entries(free).map(([name, count]) => {
    const hidden = String.fromCharCode(name.charCodeAt(0) + 1);
    locked.add(`${name} locked`);
    return {
      ...{ name, dataset, train: records('z', 9) },
      heldout: [...records(name, count), ...records(hidden, 5)],
      heldoutKeys: [
        ...Array.from({ length: count }, (_, i) => `${name} ${i}`),
        ...new Array<string>(5).fill(`${name} locked`),
      ],
    };
  });
  return { sets, locked, facts: { split: { answer_only: true } }, warnings: [] } as unknown as SplitData;
}

const options = (changes: Partial<CalibrationRowsOptions>): CalibrationRowsOptions => ({
  ...{ shares: { a: 1 }, samples: 8, length: 16, seed: 1, at: 'phases.bitnet.calibration' },
  ...changes,
});

const rowsOf = (free: Readonly<Record<string, number>>, changes: Partial<CalibrationRowsOptions>) =>
  calibrationRows(split(free), letterTokenizer, options(changes));

const lettersIn = ({ rows }: ReturnType<typeof calibrationRows>): string =>
  [...new Set(rows.flatMap(({ ids }) => [...letterTokenizer.decode(ids.filter((id) => id > 2))]))]
    .sort()
    .join('');

test('free held-out documents alone, in rows of the length, none twice', () => {
  const found = rowsOf({ a: 40 }, { samples: 20 });
  expect(lettersIn(found)).toBe('a');
  expect(found.rows).toHaveLength(20);
  expect(found.rows.every(({ ids }) => ids.length === 16)).toBe(true);
  expect(new Set(found.rows).size).toBe(20);
  expect(found.warnings).toEqual([]);
  expect(found.padId).toBe(0);
});

test('datasets have their shares, and what is not named has none', () => {
  const shares = { a: 3, c: 1, g: 0 };
  const { byDataset } = rowsOf({ a: 40, c: 40, e: 40, g: 40 }, { shares, samples: 32 });
  expect(byDataset).toEqual({ a: 24, c: 8 });
  expect(lettersIn(rowsOf({ a: 40, c: 40, e: 40, g: 40 }, { shares, samples: 32 }))).toBe('ac');
});

test('where a dataset has too few rows the others give more; fewer than asked are told', () => {
  const shares = { a: 3, c: 2, e: 1 };
  const short = rowsOf({ a: 4, c: 60, e: 60 }, { shares, samples: 30 });
  const { a, c, e } = short.byDataset as Record<'a' | 'c' | 'e', number>;
  expect(a).toBeLessThan(6);
  expect(a + c + e).toBe(30);
  expect(Math.abs(c - 2 * e)).toBeLessThanOrEqual(2);
  expect(short.warnings).toEqual([]);
  const few = rowsOf({ a: 4 }, { samples: 512 });
  expect(few.rows.length).toBeLessThan(6);
  expect(few.warnings).toEqual([
    expect.stringMatching(new RegExp(`^Calibration reads ${few.rows.length} of 512 sequences`)),
  ]);
});

test('the same rows for the same seed, others for another', () => {
  const free = { a: 100 };
  const rows = (seed: number) =>
    rowsOf(free, { seed, samples: 10 }).rows.map(({ segments }) => segments.join());
  expect(rows(1)).toEqual(rows(1));
  expect(rows(2)).not.toEqual(rows(1));
});

test('nothing that is free is an error that says where and what to do', () => {
  const refused = expect.objectContaining({
    code: 'AF_DATA_TOO_SMALL',
    at: 'phases.bitnet.calibration',
  }) as Error;
  expect(() => rowsOf({ a: 0 }, {})).toThrow(refused);
  expect(() => rowsOf({ a: 9 }, { shares: { other: 1 } })).toThrow(refused);
});
