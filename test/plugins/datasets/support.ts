import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  DATASET,
  type DataRecord,
  type Dataset,
  type DatasetContext,
} from '../../../core/contracts/dataset.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import { implementationOf } from '../../../testing/implementation.js';
import { silentLogger } from '../../../testing/silent-logger.js';

/** A data folder of its own for each test file. */
export class DataFolder {
  private constructor(
    readonly root: string,
    readonly cache: string,
  ) {}

  static async make(): Promise<DataFolder> {
    const base = await mkdtemp(join(tmpdir(), 'agentforge-data-'));
    await mkdir(join(base, 'root'));
    return new DataFolder(join(base, 'root'), join(base, 'cache'));
  }

  /** Write a file below the root; gives its path. */
  async write(file: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.root, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  context(overrides: Partial<DatasetContext> = {}): DatasetContext {
    return { root: this.root, cache: this.cache, seed: 42, log: silentLogger, ...overrides };
  }

  async remove(): Promise<void> {
    await rm(dirname(this.root), { recursive: true, force: true });
  }
}

export function dataset(plugin: Plugin): Promise<Dataset> {
  return implementationOf(DATASET, plugin);
}

/** Load in a context. */
export async function load(plugin: Plugin, context: DatasetContext): Promise<readonly DataRecord[]> {
  return (await dataset(plugin)).load(context);
}

export function lines(...records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}
