import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ForgeConfig, LogEvent, RunEvent } from '../core/contracts/index.js';
import { createKernel } from '../core/kernel/create-kernel.js';
import type { BuiltinCatalogue, CreateKernelOptions, Kernel } from '../core/kernel/types.js';

export interface TestKernelOptions extends Partial<Omit<CreateKernelOptions, 'config' | 'onEvent'>> {
  readonly plugins?: ForgeConfig['plugins'];
  readonly pipeline?: ForgeConfig['pipeline'];
  /** The rest of the config. */
  readonly config?: ForgeConfig;
  /** Folder of the project, kept afterwards; default: a fresh one that `dispose` removes. */
  readonly folder?: string;
}

/** A kernel with ears. */
export interface TestKernel {
  readonly kernel: Kernel;
  /** Folder of the project; `.agentforge` lies in it. */
  readonly folder: string;
  /** Everything that happened so far. */
  readonly events: readonly RunEvent[];
  /** Messages of a level so far, for example warnings. */
  messages(level: LogEvent['level']): string[];
  /** Dispose the kernel and remove the folder. */
  dispose(): Promise<void>;
}

/** Storage and registry as they are, in a temporary folder: what a test sees is what a run does. */
const STORES: BuiltinCatalogue = [
  {
    name: 'files',
    point: 'storage',
    load: async () => (await import('../plugins/storages/files.js')).files,
  },
  {
    name: 'lowdb',
    point: 'registry',
    load: async () => (await import('../plugins/registries/lowdb/index.js')).lowdb,
  },
];

/**
 * A kernel for tests of plugins: no config file, no console, sessions in a temporary folder. Other built-in plugins
 * are there only when they are passed (`builtins`) or listed (`plugins`).
 *
 * @example
 * const { kernel, events, dispose } = await createTestKernel({ plugins: [myMerge()], pipeline: [myPhase()] });
 * const report = await kernel.run();
 */
export async function createTestKernel(options: TestKernelOptions = {}): Promise<TestKernel> {
  const { plugins, pipeline, config = {}, folder: given, builtins = STORES, ...rest } = options;
  const lists = { ...(plugins && { plugins }), ...(pipeline && { pipeline }) };
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'agentforge-kernel-')));
  const remove = async (): Promise<void> => {
    if (given === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const events: RunEvent[] = [];
  const byFile = rest.configPath !== undefined || rest.preset !== undefined;
  try {
    const kernel = await createKernel({
      cwd: folder,
      env: {},
      ...rest,
      builtins,
      ...(byFile ? {} : { config: { ...lists, ...config } }),
      onEvent: (event) => void events.push(event),
    });
    const dispose = (): Promise<void> => kernel.dispose().finally(remove);
    return { kernel, folder, events, messages: (level) => messagesOf(events, level), dispose };
  } catch (error) {
    await remove();
    throw error;
  }
}

function messagesOf(events: readonly RunEvent[], level: LogEvent['level']): string[] {
  return events.flatMap((event) => (event.type === 'log' && event.level === level ? [event.message] : []));
}
