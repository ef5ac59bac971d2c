import type {
  Engine,
  Handoff,
  PhaseResult,
  Registry,
  SessionStorage,
  Storage,
} from '../../contracts/index.js';
import { ENGINE } from '../../contracts/index.js';
import { failure } from '../../kernel/guarded.js';
import type { PluginCall } from '../../kernel/plugin-calls.js';
import type { Stopwatch } from '../../kernel/stopwatch.js';
import type { PhaseReport } from '../../kernel/types.js';
import { describeValue } from '../../validation/describe.js';
import type { PipelineCore } from '../core.js';
import type { PauseRequest } from './pause.js';
import type { SinkSet } from './sinks.js';

/** Everything one run of a session holds while it lasts. */
export interface Run {
  readonly core: PipelineCore;
  readonly sessionId: string;
  /** All phases of the session, in order. */
  readonly phases: readonly string[];
  /** Index of the first phase to run. */
  readonly start: number;
  readonly resumed: boolean;
  readonly storage: Storage;
  readonly registry: Registry;
  /** The session's folder, locked. */
  readonly session: SessionStorage;
  readonly sinks: SinkSet;
  readonly stopwatch: Stopwatch;
  readonly pause: PauseRequest;
  readonly engine: LazyEngine;
  /** What the first phase to run is given. */
  readonly input: Handoff | null;
  /** Results of phases completed earlier, by name. */
  readonly earlier: ReadonlyMap<string, PhaseResult>;
  /** Reports by phase, filled as the run goes. */
  readonly reports: Map<string, PhaseReport>;
  readonly warnings: string[];
  /** Progress of the session in percent, as it is and as the registry has it; never goes back. */
  readonly progress: { percent: number; recorded: number };
  readonly clock: { phasesMs: number };
}

/** Measure kernel work of a kind that is not a phase's own. */
export function recorded<T>(run: Pick<Run, 'stopwatch'>, work: () => Promise<T>): Promise<T> {
  return run.stopwatch.measure('records', work);
}

/** Call a lifecycle hook, measured. */
export function called<T>(run: Pick<Run, 'stopwatch'>, call: () => Promise<T>): Promise<T> {
  return run.stopwatch.measure('hooks', call);
}

/** The compute engine of the run: opened on first use, shared by its phases, disposed at the end. */
export class LazyEngine {
  private opening: Promise<Engine> | null = null;

  constructor(private readonly core: Pick<PipelineCore, 'points' | 'config' | 'calls'>) {}

  open(): Promise<Engine> {
    this.opening ??= this.start();
    return this.opening;
  }

  async dispose(): Promise<void> {
    const opening = this.opening;
    this.opening = null;
    if (opening === null) return;
    const engine = await opening.catch(() => null);
    if (engine === null) return;
    const call = this.call('dispose');
    await this.core.calls
      .wait(call, () => engine.dispose(), 'briefly')
      .catch((cause: unknown) => {
        throw failure(call, cause);
      });
  }

  private async start(): Promise<Engine> {
    const { points, config, calls } = this.core;
    const call = this.call('open');
    try {
      const engine: unknown = await calls.wait(call, () => points.resolve(ENGINE, config.engine).open());
      if (typeof engine === 'object' && engine !== null) return engine as Engine;
      throw new TypeError(`it gave ${describeValue(engine)} instead of an engine`);
    } catch (cause) {
      throw failure(call, cause);
    }
  }

  private call(method: string): PluginCall {
    const { plugin, name } = this.core.points.providerOf(ENGINE, this.core.config.engine);
    return { plugin, name, what: `engine.${method}` };
  }
}
