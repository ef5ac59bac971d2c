import type {
  AnyPluginFactory,
  ForgeConfig,
  GateResult,
  KernelHooks,
  Logger,
  Overrides,
  PhaseResult,
  Registry,
  ResolvedConfig,
  RunEvent,
  SessionRecord,
  SessionStatus,
  Storage,
  Token,
} from '../contracts/index.js';
import type { ForgeError, Problem } from '../errors/index.js';

/** A built-in plugin: known by name and extension point, its module loaded only when it is needed. */
export interface BuiltinPlugin {
  /** The plugin's name, as configs write it. */
  readonly name: string;
  /** Id of the extension point it provides, for example `merge`. */
  readonly point: string;
  readonly load: () => Promise<AnyPluginFactory>;
}
export type BuiltinCatalogue = readonly BuiltinPlugin[];

type ConfigSource = ForgeConfig | (() => ForgeConfig | Promise<ForgeConfig>);

/** Presets by name, loaded when a config or `--preset` names them. */
export type PresetCatalogue = Readonly<Record<string, () => Promise<ConfigSource> | ConfigSource>>;

/** One `--set path=value`, as `parseOverride` reads it from the command line. */
export interface ConfigOverride {
  /** Dotted path, for example `phases.cognate.maxSteps`; `["a.b"]` quotes a key with a dot. */
  readonly path: string;
  readonly value: unknown;
}

export interface CreateKernelOptions {
  /** Folder of the project: where the config search starts. */
  readonly cwd: string;
  /** A config by value: no file is searched. */
  readonly config?: ConfigSource;
  /** A config file by path (relative to `cwd`): no file is searched. */
  readonly configPath?: string;
  readonly presets?: PresetCatalogue;
  /** A preset by name. Alone it stands in for the config file; with `config` or `configPath` it lies below them. */
  readonly preset?: string;
  /** Built-in plugins, the lowest plugin layer. The core never imports one: the caller passes them. */
  readonly builtins?: BuiltinCatalogue;
  /** `--set`, over everything else. */
  readonly overrides?: readonly ConfigOverride[];
  /** Environment to read AGENTFORGE_DATA from; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * `full` (default): every plugin is loaded and everything is checked. `storage`: only what registry, storage and
   * sinks need (for quick commands such as `status`); phases and other built-ins are neither loaded nor checked.
   */
  readonly scope?: 'full' | 'storage';
  /**
   * Modules that config and plugin files may import without having them installed, from this very copy, each loaded
   * on first use: `{ agentforge: () => import('../core/index.js'), ... }`.
   */
  readonly modules?: Readonly<Record<string, () => Promise<unknown>>>;
  /** Hears every event from the first moment on, boot warnings included. */
  readonly onEvent?: (event: RunEvent) => void;
  /**
   * Milliseconds after which a plugin that does not come back is named; default one minute. Sinks, `onDone` and
   * `onDispose` are given up then, everything else is waited for.
   */
  readonly patienceMs?: number;
  /**
   * Where errors that nobody waits for are heard (`unhandledRejection`, `uncaughtException`): called once with a
   * listener that says whether a plugin of this kernel is to blame and the run has been told; returns how to stop
   * listening. Without it such errors are Node's affair.
   */
  readonly onStray?: (listener: (thrown: unknown) => boolean) => () => void;
  /** Memory of the machine in bytes, for the plan; default: what the operating system says. */
  readonly machine?: { readonly totalMemory: number; readonly availableMemory: number };
}

/** One layer of configuration, lowest first: defaults, environment, presets and extended configs, the file, `--set`. */
export interface ConfigLayer {
  /** For example `defaults`, `preset quickstart`, `agentforge.config.ts`, `--set`. */
  readonly name: string;
  /** Absolute path of the file it came from, or null. */
  readonly file: string | null;
}

/** A plugin as `agentforge plugins` lists it. */
export interface PluginListing {
  readonly name: string;
  readonly version: string | null;
  readonly description: string | null;
  /** Extension point ids. */
  readonly provides: readonly string[];
  readonly origin: 'builtin' | 'config';
  /** Module it was loaded from (`./merge.ts`, `agentforge-plugin-x`), the config layer, or `built-in`. */
  readonly source: string;
  /** Options with defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>;
  /** JSON Schema of the options. */
  readonly optionsSchema: object;
  /** Implementations it provided, as `point:name`. */
  readonly implementations: readonly string[];
}

/** Which phases a run or plan covers. Nothing: the configured pipeline in a new session. */
export interface PhaseSelection {
  /** This phase alone; its input is the newest fitting handoff of an earlier session. */
  readonly phase?: string;
  /** From this phase to the end of the pipeline; with `resume`, the session is rolled back to just before it. */
  readonly from?: string;
  /** Go on with a session: its id, or `latest` for the newest one that can be resumed. */
  readonly resume?: string;
}

export interface PhasePlanReport {
  readonly name: string;
  readonly title: string;
  /** `skip`: completed earlier in the resumed session. `resume`: has a started record there. */
  readonly action: 'run' | 'resume' | 'skip';
  readonly facts: Readonly<Record<string, number | string>>;
  /** Null where it is not known; `unknown` says why. */
  readonly memoryBytes: number | null;
  readonly diskBytes: number | null;
  readonly unknown: string | null;
}

/** What a run would do, worked out without touching weights, registry or sessions. */
export interface RunPlan {
  readonly phases: readonly PhasePlanReport[];
  /** Largest need of any phase that knows it, null when none does, against the machine's memory, in bytes. */
  readonly memory: { readonly needed: number | null; readonly total: number; readonly available: number };
  /** Sum of the phases that know it, null when none does, against the free space of the storage, in bytes; null when it could not be learnt. */
  readonly disk: { readonly needed: number | null; readonly free: number | null };
  /** Where the first phase's input comes from; null when it needs none or the session has it. */
  readonly input: {
    readonly sessionId: string;
    readonly sourcePhase: string;
    readonly document: string;
  } | null;
  /** Everything that forbids the run. Empty: it may start. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

export interface RunOptions extends PhaseSelection {
  /** Aborting it asks for a pause: the phase finishes its step, saves a checkpoint, and the run ends as `paused`. */
  readonly signal?: AbortSignal;
  /** How the run was asked for, stored with the session and repeated in hints (`['--preset', 'seeds-25m']`). */
  readonly invocation?: readonly string[];
}

export interface PhaseReport {
  readonly name: string;
  readonly title: string;
  /** `skipped`: completed earlier in the resumed session. */
  readonly status: 'completed' | 'skipped' | 'failed' | 'paused' | 'pending';
  readonly durationSeconds: number | null;
  /** Null until the phase completed (or failed at a gate, with the numbers it measured). */
  readonly result: PhaseResult | null;
  /** Target gates that were missed, integrity gates that failed. */
  readonly missedGates: readonly GateResult[];
}

/** Seconds the kernel itself took, measured; upper bounds where one contains another. */
export interface OverheadReport {
  /** Inside plugin taps and tapable. */
  readonly hooksSeconds: number;
  /** Inside sinks: write, flush, open, close. */
  readonly sinksSeconds: number;
  /** Making and routing events. */
  readonly eventsSeconds: number;
  /** Registry records, session files, handoff documents, validation. */
  readonly recordsSeconds: number;
  /** Sum of the above. */
  readonly totalSeconds: number;
  /** Wall seconds of the phases, without what the kernel took inside them. */
  readonly phasesSeconds: number;
  /** `totalSeconds / phasesSeconds`; null when no phase ran. */
  readonly ratio: number | null;
  readonly events: number;
}

export interface RunReport {
  readonly sessionId: string;
  /** Absolute path of the session's folder. */
  readonly folder: string;
  readonly status: 'completed' | 'failed' | 'paused';
  /** Every phase of the session's pipeline, in order. */
  readonly phases: readonly PhaseReport[];
  readonly durationSeconds: number;
  readonly overhead: OverheadReport;
  /** What failed; null unless `status` is `failed`. */
  readonly error: ForgeError | null;
  readonly warnings: readonly string[];
}

export interface RollbackReport {
  readonly sessionId: string;
  /** The phase whose result is now the newest one. */
  readonly toPhase: string;
  /** Phases marked rolled-back; a resumed run repeats them. */
  readonly rolledBack: readonly string[];
}

/** Time spent in one tap, for `--debug`. */
export interface TapTiming {
  readonly hook: string;
  readonly plugin: string;
  readonly calls: number;
  readonly totalMs: number;
  readonly maxMs: number;
}

/** A booted kernel: configuration resolved, plugins applied. Two kernels in one process do not see each other. */
export interface Kernel {
  readonly config: ResolvedConfig;
  /** sha256 of the canonical JSON of all that can change a result (not sinks, storage, registry, cleanup, gate policy). */
  readonly configHash: string;
  /** Absolute path of the config file, or null when there is none. */
  readonly configFile: string | null;
  readonly layers: readonly ConfigLayer[];
  /** Name of the layer that set each value of the config, by path (`storage.root` -> `defaults`). */
  readonly provenance: Readonly<Record<string, string>>;
  /** Absolute folders. `data` is null when none is configured. */
  readonly paths: {
    readonly base: string;
    readonly storage: string;
    readonly data: string | null;
    readonly cache: string;
  };
  /** Plugins in the order they were applied. */
  readonly plugins: readonly PluginListing[];
  readonly hooks: KernelHooks;
  readonly log: Logger;
  /** Time per hook and plugin so far. */
  timings(): readonly TapTiming[];
  /**
   * An implementation by name (with `overrides` a fresh one that belongs to the caller); without a name the configured one (engine, registry), else the first that a config
   * plugin provides, else the first built-in one.
   * @throws ForgeError AF_PLUGIN_UNKNOWN with the nearest known name
   */
  resolve<T>(token: Token<T>, name?: string, overrides?: Overrides): T;
  /** Names provided under a token, in plugin order. */
  names<T>(token: Token<T>): readonly string[];
  /** What a run would need and what forbids it. Never throws for a problem it can list. */
  plan(selection?: PhaseSelection): Promise<RunPlan>;
  /**
   * Run the pipeline. Failures after the session exists are reported, not thrown.
   * @throws ForgeError AF_PLAN_INVALID with every problem, before anything is touched
   * @throws ForgeError AF_SESSION_NOT_FOUND, AF_SESSION_LOCKED, AF_SESSION_CONFIG_CHANGED when resuming
   */
  run(options?: RunOptions): Promise<RunReport>;
  /** Ask the current run to pause at its next pause point; the same as aborting the run's signal. */
  requestPause(): void;
  /**
   * Take a session back to the end of an earlier phase: its result is kept, later phases are marked rolled-back and
   * lose their checkpoints. `run({ resume: sessionId })` goes on from there.
   */
  rollback(sessionId: string, phase: string): Promise<RollbackReport>;
  /** Sessions, newest first; one that says `running` without a live owner is shown as `interrupted`. */
  sessions(filter?: {
    readonly status?: readonly SessionStatus[];
    readonly limit?: number;
  }): Promise<SessionRecord[]>;
  /** Opened on first use, closed by `dispose`. */
  storage(): Promise<Storage>;
  registry(): Promise<Registry>;
  /** Release everything in reverse order, even when one release throws; then throws the first such error. */
  dispose(): Promise<void>;
}
