import { isAbsolute, join, resolve } from 'node:path';
import type {
  KernelHooks,
  Logger,
  Overrides,
  Registry,
  ResolvedConfig,
  SessionRecord,
  SessionStatus,
  Storage,
  Token,
} from '../contracts/index.js';
import { REGISTRY } from '../contracts/registry.js';
import { STORAGE } from '../contracts/storage.js';
import { ForgeError } from '../errors/index.js';
import type { LoadedConfig } from '../config/load-config.js';
import type { MergedConfig } from '../config/merge.js';
import type { PipelineCore } from '../pipeline/core.js';
import { PauseRequest } from '../pipeline/run/pause.js';
import { listSessions } from '../pipeline/session/sessions.js';
import type { ReadyPlugin } from '../plugins/options.js';
import { Disposer } from './disposer.js';
import { describeValue } from '../validation/describe.js';
import type { Foundation } from './foundation.js';
import { failure, guarded, REGISTRY_SHAPE, STORAGE_SHAPE, type Shape } from './guarded.js';
import { machineMemory } from './machine.js';
import type { PluginCall } from './plugin-calls.js';
import type {
  ConfigLayer,
  CreateKernelOptions,
  Kernel,
  PhaseSelection,
  PluginListing,
  RollbackReport,
  RunOptions,
  RunPlan,
  RunReport,
  TapTiming,
} from './types.js';

export interface KernelParts {
  readonly options: CreateKernelOptions;
  readonly foundation: Foundation;
  readonly loaded: LoadedConfig;
  readonly merged: MergedConfig;
  readonly config: ResolvedConfig;
  readonly configHash: string;
  readonly relevant: Readonly<Record<string, unknown>>;
  /** In the order they were applied. */
  readonly plugins: readonly ReadyPlugin[];
  /** Names of the sinks to open in a run. */
  readonly sinks: readonly string[];
  /** Stop hearing of errors that nobody waits for. */
  readonly deafen: () => void;
}

/** A booted kernel; made by `createKernel`. */
export class ForgeKernel implements Kernel {
  readonly config: ResolvedConfig;
  readonly configHash: string;
  readonly configFile: string | null;
  readonly layers: readonly ConfigLayer[];
  readonly provenance: Readonly<Record<string, string>>;
  readonly paths: Kernel['paths'];
  readonly plugins: readonly PluginListing[];
  readonly hooks: KernelHooks;
  readonly log: Logger;
  private readonly disposer = new Disposer();
  private readonly core: PipelineCore;
  private opening: { storage?: Promise<Storage>; registry?: Promise<Registry> } = {};
  private running: { readonly pause: PauseRequest; readonly end: Promise<unknown> } | null = null;
  private disposing: Promise<void> | null = null;

  constructor(private readonly parts: KernelParts) {
    const { foundation, loaded, merged, config } = parts;
    this.config = config;
    this.configHash = parts.configHash;
    this.configFile = loaded.file;
    this.layers = loaded.layers.map(({ name, file }) => ({ name, file }));
    this.provenance = Object.freeze(Object.fromEntries(merged.provenance));
    this.paths = pathsOf(config, loaded.base);
    this.plugins = parts.plugins.map((plugin) => listingOf(plugin, foundation));
    this.hooks = foundation.hooks;
    this.log = foundation.logger('kernel');
    this.core = this.pipelineCore();
    this.disposer.add('implementations', () => disposeInstances(foundation));
  }

  timings(): readonly TapTiming[] {
    return this.parts.foundation.clock.timings();
  }

  resolve<T>(token: Token<T>, name?: string, overrides?: Overrides): T {
    return this.parts.foundation.points.resolve(token, name, overrides);
  }

  names<T>(token: Token<T>): readonly string[] {
    return this.parts.foundation.points.names(token);
  }

  async plan(selection: PhaseSelection = {}): Promise<RunPlan> {
    this.requireFull();
    const { planRun } = await pipeline();
    return planRun(selection, this.core);
  }

  async run(options: RunOptions = {}): Promise<RunReport> {
    this.requireFull();
    if (this.running !== null) {
      throw new ForgeError('AF_KERNEL_BUSY', 'This kernel is running a pipeline already.', {
        fix: 'Wait for it to end, or create another kernel.',
      });
    }
    const pause = new PauseRequest(options.signal);
    const end = pipeline().then(({ runPipeline }) => runPipeline(options, this.core, pause));
    this.running = { pause, end: end.catch(() => undefined) };
    try {
      return await end;
    } finally {
      pause.stop();
      this.running = null;
    }
  }

  requestPause(): void {
    this.running?.pause.request();
  }

  async rollback(sessionId: string, phase: string): Promise<RollbackReport> {
    this.requireAlive();
    const { rollbackSession } = await pipeline();
    return rollbackSession(sessionId, phase, this.core);
  }

  async sessions(filter?: {
    readonly status?: readonly SessionStatus[];
    readonly limit?: number;
  }): Promise<SessionRecord[]> {
    return listSessions(await this.registry(), await this.storage(), filter);
  }

  storage(): Promise<Storage> {
    this.requireAlive();
    this.opening.storage ??= this.openStorage();
    return this.opening.storage;
  }

  registry(): Promise<Registry> {
    this.requireAlive();
    this.opening.registry ??= this.openRegistry();
    return this.opening.registry;
  }

  dispose(): Promise<void> {
    this.disposing ??= this.release();
    return this.disposing;
  }

  private openStorage(): Promise<Storage> {
    return this.opened(STORAGE, STORAGE_SHAPE, (provider) => provider.open(this.paths.storage));
  }

  private async openRegistry(): Promise<Registry> {
    const folder = join(this.paths.storage, 'registry');
    const registry = await this.opened(REGISTRY, REGISTRY_SHAPE, (provider) => provider.open(folder));
    this.disposer.add('registry', () => registry.close());
    return registry;
  }

  /** What a provider opens, behind a guard that tells whose it is. */
  private async opened<P, T extends object>(
    token: Token<P>,
    shape: Shape,
    open: (provider: P) => Promise<T>,
  ): Promise<T> {
    const { points, calls } = this.parts.foundation;
    const { plugin, name } = points.providerOf(token);
    const call: PluginCall = { plugin, name, what: `${token.id}.open` };
    try {
      const value: unknown = await calls.wait(call, () => open(this.resolve(token)));
      if (typeof value !== 'object' || value === null)
        throw new TypeError(`it gave ${describeValue(value)} instead of an object`);
      return guarded(value as T, shape, { plugin, calls });
    } catch (cause) {
      throw failure(call, cause);
    }
  }

  /** A run under way is paused first. Plugins let go before what they were given is closed. */
  private async release(): Promise<void> {
    this.requestPause();
    await this.running?.end;
    const { hooks, troubles, points } = this.parts.foundation;
    await hooks.onDispose.promise();
    const released = await this.disposer.release();
    const errors = [...troubles.splice(0), ...released];
    points.clear();
    this.parts.deafen();
    errors.slice(1).forEach((error) => this.log.warn(`While disposing: ${error.message}`));
    if (errors.length > 0) throw errors[0]!;
  }

  private requireAlive(): void {
    if (this.disposing === null) return;
    throw new ForgeError('AF_KERNEL_DISPOSED', 'This kernel was disposed.', { fix: 'Create another one.' });
  }

  private requireFull(): void {
    this.requireAlive();
    if (this.parts.options.scope !== 'storage') return;
    throw new ForgeError('AF_INTERNAL', 'A kernel of scope "storage" knows no phases and cannot run them.', {
      fix: 'Create it with scope "full".',
    });
  }

  private pipelineCore(): PipelineCore {
    const { foundation, options, config, configHash, relevant, sinks, plugins } = this.parts;
    const { hooks, bus, points, validator, clock, calls, troubles } = foundation;
    const { paths, layers, log } = this;
    const machine = () => options.machine ?? machineMemory();
    const [storage, registry] = [() => this.storage(), () => this.registry()];
    const listed = plugins
      .filter((plugin) => plugin.listed)
      .map(({ plugin: { name } }) => ({ name, implementations: points.providedBy(name) }));
    return {
      config,
      configHash,
      relevant,
      paths,
      layers,
      hooks,
      bus,
      points,
      validator,
      clock,
      calls,
      troubles,
      log,
      sinks,
      listed,
      machine,
      storage,
      registry,
    };
  }
}

/** What plans, runs and rolls back: loaded when it is asked for, as commands that read need none of it. */
function pipeline() {
  return import('../pipeline/index.js');
}

/** Folders of the config, made absolute from the project's folder. */
function pathsOf({ storage, data }: ResolvedConfig, base: string): Kernel['paths'] {
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(base, path));
  return Object.freeze({
    base,
    storage: absolute(storage.root),
    data: data.root === null ? null : absolute(data.root),
    cache: absolute(data.cache),
  });
}

function listingOf({ plugin, origin, source, options }: ReadyPlugin, { points }: Foundation): PluginListing {
  return Object.freeze({
    name: plugin.name,
    version: plugin.version ?? null,
    description: plugin.description ?? null,
    provides: plugin.provides ?? [],
    origin,
    source,
    options,
    optionsSchema: plugin.optionsSchema,
    implementations: points.providedBy(plugin.name),
  });
}

/** Implementations that can be disposed, newest first, whatever one of them throws. */
async function disposeInstances({ points, calls, troubles }: Foundation): Promise<void> {
  for (const { plugin, point, name, value } of points.instances()) {
    const call: PluginCall = { plugin, name, what: `${point}.dispose` };
    try {
      const { dispose } = value as { readonly dispose?: unknown };
      if (typeof dispose === 'function')
        await calls.wait(call, () => dispose.call(value) as unknown, 'briefly');
    } catch (cause) {
      troubles.push(failure(call, cause));
    }
  }
}
