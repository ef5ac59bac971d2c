import { defineFor } from './plugin.js';
import type { Logger } from './logger.js';
import { createToken } from './token.js';

/** One example. `text` is what language modelling trains on; QA sets also split it into input and output. */
export interface DataRecord {
  readonly text: string;
  /** Prompt part of `text`; with answer-only loss it is masked. `text === input + output` when present. */
  readonly input?: string;
  readonly output?: string;
  /** `group`: what must stay on one side of a split. `held_out: true`: the dataset keeps the record for measuring. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

export type DataCategory = 'math' | 'qa' | 'code' | 'commonsense' | 'language';

export interface DatasetContext {
  /** Folder of local copies (config `data.root` or AGENTFORGE_DATA); null when neither is set. */
  readonly root: string | null;
  /** Where downloads are kept, by sha256. */
  readonly cache: string;
  /** Seed for procedural generators and subsampling. */
  readonly seed: number;
  readonly log: Logger;
}

/** A source of records. */
export interface Dataset {
  readonly category: DataCategory;
  /** Whether records come from a generator instead of a collected file. */
  readonly synthetic: boolean;
  /**
   * All records, in file order.
   * @throws ForgeError AF_DATA_NOT_FOUND, AF_DATA_MALFORMED (file and line), AF_DATA_EMPTY, AF_DATA_CHECKSUM
   */
  load(context: DatasetContext): Promise<readonly DataRecord[]>;
  /** Whether a generated continuation answers the record; null when the set has no checkable answer. */
  grade?(record: DataRecord, answer: string): boolean | null;
}

export const DATASET = createToken<Dataset>('dataset', {
  category: 'text',
  load: 'function',
  grade: 'function?',
});
/** Define a dataset plugin. */
export const defineDataset = defineFor(DATASET);
