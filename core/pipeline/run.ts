import type {
  Engine,
  Handoff,
  PhaseResult,
  Registry,
  SessionStorage,
  Storage,
} from '../../contracts/index.js';
import { ENGINE } from '../../contracts/index.js';
import type { Stopwatch } from '../kernel/stopwatch.js';
import type { PhaseReport } from '../kernel/types.js';
import type { PipelineCore } from './core.js';
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
  /** Progress of the session in percent, as recorded; never goes back. */
  readonly progress: { percent: number };
  readonly clock: { phasesMs: number; phase: string | null };
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

  constructor(private readonly core: Pick<PipelineCore, 'points' | 'config'>) {}

  async open(): Promise<Engine> {
    this.opening ??= this.core.points.resolve(ENGINE, this.core.config.engine).open();
    return this.opening;
  }

  async dispose(): Promise<void> {
    const opening = this.opening;
    this.opening = null;
    if (opening === null) return;
    const engine = await opening.catch(() => null);
    await engine?.dispose();
  }
}
