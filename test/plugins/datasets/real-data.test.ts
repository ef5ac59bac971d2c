import { DATASET } from '../../../core/contracts/dataset.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import {
  arc,
  commonsenseqa,
  gsm8k,
  mbpp,
  piqa,
  svamp,
  text,
  tinystories,
} from '../../../plugins/datasets/index.js';
import { datasetConformance, implementationOf } from '../../../testing/index.js';
import { realData } from '../../support/oracles.js';
import { DataFolder, dataset, load } from './support.js';

const folder = realData();

/** Record counts as the sources state them. */
const SETS: readonly (readonly [Plugin, number])[] = [
  [gsm8k(), 7473],
  [svamp(), 1000],
  [arc({ subset: 'easy' }), 2251],
  [arc({ subset: 'challenge' }), 1119],
  [arc({ subset: 'easy', split: 'validation' }), 570],
  [arc({ subset: 'challenge', split: 'validation' }), 299],
  [mbpp(), 374],
  [mbpp({ split: 'all' }), 974],
  [piqa(), 1838],
  [commonsenseqa(), 9741],
  [commonsenseqa({ split: 'validation' }), 1221],
];

folder.describe('real datasets', () => {
  let data: DataFolder;
  beforeAll(async () => {
    data = await DataFolder.make();
  });
  afterAll(() => data.remove());
  const context = () => data.context({ root: folder.path() });

  it.each(
    SETS.map(([plugin, count]) => [plugin.name, JSON.stringify(plugin.options), count, plugin] as const),
  )('%s %s has %i records, every answer graded as right', async (_name, _options, count, plugin) => {
    const set = await dataset(plugin);
    const records = await set.load(context());
    expect(records).toHaveLength(count);
    const wrong = records.filter(
      (record) =>
        record.text !== record.input! + record.output! || set.grade!(record, record.output!) === false,
    );
    expect(wrong).toEqual([]);
  });

  it('tinystories cuts the local file into about 1,100 stories and loses nothing', async () => {
    const records = await load(tinystories(), context());
    expect(records).toHaveLength(1097);
    expect(records[0]!.text).toMatch(/^One day, a little girl named Lily found a needle/);
    expect(records[1]!.text).toMatch(/^Once upon a time, there was a little car named Beep/);
    expect(records.filter((record) => record.text.includes('\n\n')).length).toBeGreaterThan(900);
  });

  it('text reads a play from its folder', async () => {
    const records = await load(text({ name: 'tinyshakespeare' }), context());
    expect(records.length).toBeGreaterThan(550);
    expect(records[0]!.text.startsWith('First Citizen:')).toBe(true);
  });

  for (const plugin of [svamp(), mbpp(), piqa(), tinystories()]) {
    describe(`${plugin.name} conforms`, () => {
      const cases = datasetConformance(() => implementationOf(DATASET, plugin), {
        root: folder.path(),
        needsFiles: true,
      });
      for (const { name, run } of cases) test(name, run);
    });
  }
});
