import { createHash } from 'node:crypto';
import type { DataFacts } from '../../core/contracts/data-facts.js';
import { DATASET, type DataRecord, type Dataset } from '../../core/contracts/dataset.js';
import type { Kernel } from '../../core/kernel/types.js';
import { ForgeError, isForgeError } from '../../core/errors/index.js';
import {
  contentOrder,
  datasetsToLoad,
  recallSplit,
  SPLIT_SCHEMA,
  type NamedRecords,
  type SplitDocument,
  type SplitSides,
} from '../../nn/data/index.js';
import type { ModelSource } from '../generate/model-source.js';
import type { Standing } from './report.js';

/** Records of a dataset that a model may be measured on. */
export interface MeasuredSet {
  readonly name: string;
  /** Null where it could not be loaded. */
  readonly dataset: Dataset | null;
  /** In an order of their content: the first of them are a sample. */
  readonly records: readonly DataRecord[];
  readonly standing: Standing;
  /** Why there are no records. */
  readonly reason?: string;
}

export interface MeasuredData {
  readonly sets: readonly MeasuredSet[];
  readonly warnings: readonly string[];
}

/** Side file of a model that lists what was held out. */
const SPLIT = 'split';

/**
 * The records that a model was not trained on, as its metadata say. Of datasets that it was trained on those that were
 * locked away, or all that were held out where none of them is locked; of others everything but what repeats the
 * training's. Of a model without such a record everything.
 *
 * @param names datasets that were asked for; undefined: those of the record, as far as they can be loaded
 * @throws ForgeError AF_MODEL_FOLDER when the record is not whole, AF_PLUGIN_UNKNOWN and AF_DATA_* of a dataset that
 * was asked for
 */
export async function measuredData(
  kernel: Kernel,
  source: ModelSource,
  names?: readonly string[],
): Promise<MeasuredData> {
  const facts = source.metadata?.data ?? null;
  if (facts === null) return unrecorded(kernel, [...new Set(names ?? [])]);
  const wanted = [...new Set(names ?? facts.datasets.map(({ name }) => name))];
  if (wanted.length === 0) return { sets: [], warnings: [] };
  const document = await splitOf(source, facts);
  const loading = new Loading(kernel, facts.seed);
  for (const name of datasetsToLoad(facts, wanted, kernel.names(DATASET)))
    await loading.load(name, names !== undefined && wanted.includes(name));
  const there = wanted.filter((name) => loading.has(name));
  const { sides, locked, warnings } = recallSplit({ facts, document }, there, loading.loaded);
  const trained = facts.datasets.map(({ name }) => name);
  return {
    sets: wanted.map((name) => {
      const found = sides.find((each) => each.name === name);
      const known = trained.includes(name);
      if (found === undefined) return loading.absent(name, known ? 'held-out' : 'other');
      return { name, dataset: loading.dataset(name), ...measuredRecords(found, known, locked) };
    }),
    warnings: [...warnings, ...loading.warnings(wanted)],
  };
}

function measuredRecords(
  { train, heldout, heldoutKeys }: SplitSides,
  trained: boolean,
  locked: ReadonlySet<string>,
): Pick<MeasuredSet, 'records' | 'standing' | 'reason'> {
  if (!trained) return { records: inOrder([...heldout, ...train]), standing: 'other' };
  const kept = heldout.filter((_, i) => locked.has(heldoutKeys[i]!));
  if (kept.length > 0) return { records: inOrder(kept), standing: 'locked' };
  return {
    ...{ records: inOrder(heldout), standing: 'held-out' },
    ...(heldout.length === 0 ? { reason: 'all of its records were trained on' } : {}),
  };
}

async function unrecorded(kernel: Kernel, names: readonly string[]): Promise<MeasuredData> {
  const loading = new Loading(kernel, kernel.config.seed);
  for (const name of names) await loading.load(name, true);
  const sets = loading.loaded.map(({ name, records }) => ({
    ...{ name, dataset: loading.dataset(name), records: inOrder(records), standing: 'unknown' as const },
  }));
  return { sets, warnings: [] };
}

function inOrder(records: readonly DataRecord[]): readonly DataRecord[] {
  return contentOrder(records, ({ text }) => text);
}

/** What was held out, compared with the hash in the metadata. */
async function splitOf(source: ModelSource, { split }: DataFacts): Promise<SplitDocument> {
  const text = await source.readSidecar(SPLIT);
  if (text === null) throw broken(source, 'the list of what was held out of it is not there');
  if (createHash('sha256').update(text).digest('hex') !== split.items)
    throw broken(source, 'the list of what was held out of it is another one');
  const document = JSON.parse(text) as { readonly schema: string };
  if (document.schema === SPLIT_SCHEMA) return document as SplitDocument;
  throw broken(source, `the list of what was held out is no ${SPLIT_SCHEMA}`);
}

function broken({ name, at }: ModelSource, what: string): ForgeError {
  return new ForgeError('AF_MODEL_FOLDER', `${name} says what it was trained on, but ${what}.`, {
    at,
    fix: 'Export the model again: agentforge export writes sidecars/split. Texts can be measured without it (--no-datasets).',
  });
}

/** Datasets that are loaded one by one; one that nobody asked for by name may be absent. */
class Loading {
  readonly loaded: NamedRecords[] = [];
  private readonly datasets = new Map<string, Dataset>();
  private readonly failures = new Map<string, ForgeError>();

  constructor(
    private readonly kernel: Kernel,
    private readonly seed: number,
  ) {}

  /** @param required whether it was asked for by name */
  async load(name: string, required: boolean): Promise<void> {
    const { data: root, cache } = this.kernel.paths;
    try {
      const dataset = this.kernel.resolve(DATASET, name);
      const records = await dataset.load({ root, cache, seed: this.seed, log: this.kernel.log });
      this.datasets.set(name, dataset);
      this.loaded.push({ name, records });
    } catch (error) {
      if (required || !isForgeError(error)) throw error;
      this.failures.set(name, error);
    }
  }

  has(name: string): boolean {
    return this.datasets.has(name);
  }

  dataset(name: string): Dataset {
    return this.datasets.get(name)!;
  }

  absent(name: string, standing: Standing): MeasuredSet {
    const reason = this.failures.get(name)?.message ?? 'it is not there';
    return { name, dataset: null, records: [], standing, reason };
  }

  /** Of what would have told which records were trained on. */
  warnings(wanted: readonly string[]): string[] {
    return [...this.failures.keys()]
      .filter((name) => !wanted.includes(name))
      .map(
        (name) => `${name}, which the model was trained on, is not at hand: what repeats it is not left out.`,
      );
  }
}
