import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataRecord, Dataset, DatasetContext } from '../../core/contracts/dataset.js';
import type { ConformanceCase, Subject } from '../case.js';
import { expectEqual, expectFailure, expectThat } from '../expect.js';
import { silentLogger } from '../silent-logger.js';
import { withTemporaryFolder } from '../temporary-folder.js';

export interface DatasetConformanceOptions {
  /** Folder of local copies; null (default) for datasets that need none. */
  readonly root?: string | null;
  readonly seed?: number;
  /** The set reads files below `root` and has no other source: an empty root must then be an AF_DATA_NOT_FOUND. */
  readonly needsFiles?: boolean;
}

const CATEGORIES: readonly string[] = ['math', 'qa', 'code', 'commonsense', 'language'];

function wellFormed(record: DataRecord, index: number): void {
  const where = `record ${index}`;
  expectThat(typeof record.text === 'string' && record.text.trim() !== '', `${where}: text is empty`);
  const { input, output } = record;
  expectThat((input === undefined) === (output === undefined), `${where}: input and output come together`);
  if (input !== undefined && output !== undefined) {
    expectThat(input + output === record.text, `${where}: text is not input + output`);
    expectThat(output !== '', `${where}: output is empty`);
  }
  for (const [key, value] of Object.entries(record.metadata ?? {})) {
    const plain = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
    expectThat(plain, `${where}: metadata ${key} is ${String(value)}`);
  }
}

function gradesItsOwnAnswers(dataset: Dataset, records: readonly DataRecord[]): void {
  if (dataset.grade === undefined) return;
  records.slice(0, 200).forEach((record, index) => {
    if (record.output === undefined) return;
    const right = dataset.grade?.(record, record.output);
    expectThat(
      right === true || right === null,
      `record ${index}: its own answer is graded ${String(right)}`,
    );
    const empty = dataset.grade?.(record, '');
    expectThat(empty !== true, `record ${index}: no answer is graded as right`);
  });
}

/** What every dataset must do: whole records, the same ones each time, answers that its own grader accepts. */
export function datasetConformance(
  subject: Subject<Dataset>,
  options: DatasetConformanceOptions = {},
): ConformanceCase[] {
  const { root = null, seed = 42, needsFiles = false } = options;
  const load = (dataset: Dataset, cache: string, folder = root): Promise<readonly DataRecord[]> => {
    const context: DatasetContext = { root: folder, cache, seed, log: silentLogger };
    return dataset.load(context);
  };
  const check = (name: string, run: (dataset: Dataset, cache: string) => Promise<void>): ConformanceCase => ({
    name,
    run: () => withTemporaryFolder(async (cache) => run(await subject(), cache)),
  });
  const cases = [
    check('gives whole records of a known category', async (dataset, cache) => {
      expectThat(CATEGORIES.includes(dataset.category), `category is ${dataset.category}`);
      expectThat(typeof dataset.synthetic === 'boolean', `synthetic is ${String(dataset.synthetic)}`);
      const records = await load(dataset, cache);
      expectThat(records.length > 0, 'there are no records');
      records.forEach(wellFormed);
    }),
    check('gives the same records every time', async (dataset, cache) => {
      const first = await load(dataset, cache);
      expectEqual(await load(await subject(), cache), first, 'records of a second load');
    }),
    check('grades its own answers as right, and no answer as not', async (dataset, cache) => {
      gradesItsOwnAnswers(dataset, await load(dataset, cache));
    }),
  ];
  const missing = check('says what is missing when its files are not there', async (dataset, cache) => {
    const empty = join(cache, 'root');
    await mkdir(empty);
    await expectFailure(() => load(dataset, cache, empty), 'loading from an empty root', 'AF_DATA_NOT_FOUND');
  });
  return needsFiles ? [...cases, missing] : cases;
}
