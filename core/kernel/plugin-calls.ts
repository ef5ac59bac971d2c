import { AsyncLocalStorage } from 'node:async_hooks';
import { ForgeError, isForgeError } from '../errors/index.js';
import { messageOf } from '../errors/message-of.js';

/** Milliseconds after which a plugin that has not come back is named; sinks and farewells are not waited for longer. */
export const PATIENCE_MS = 60_000;

/** Something a plugin was asked to do. */
export interface PluginCall {
  readonly plugin: string;
  /** For example `hook onDone`, `sink.flush`, `phase.run`, `apply`. */
  readonly what: string;
  /** Name of the implementation, where there is one. */
  readonly name?: string;
  /** Hears of what goes wrong later, in work that the call left behind; without it the run fails. */
  readonly onStray?: (error: ForgeError) => void;
}

/** The configuration is code of the user as well. */
export const CONFIG_CALL: PluginCall = { plugin: 'config', what: 'config' };

/**
 * How long a call is waited for. `always`: until nothing is left that could end it, with one warning after the
 * patience. `quietly`: the same without the warning (a phase takes hours). `briefly`: it fails after the patience.
 */
export type Patience = 'always' | 'quietly' | 'briefly';

interface OpenCall {
  readonly call: PluginCall;
  readonly fail: (error: ForgeError) => void;
  /** A stray error may end the call: the work of the kernel itself does not depend on how it ends. */
  readonly interruptible: boolean;
}

export interface PluginCallsOptions {
  readonly patienceMs: number;
  readonly onSlow: (message: string, call: PluginCall) => void;
}

/**
 * Every call of a plugin that the kernel waits for. Knows whose turn it is: for promises that never settle, and, by
 * the asynchronous context, for errors in work that nobody waits for.
 */
export class PluginCalls {
  private readonly open = new Set<OpenCall>();
  private readonly context = new AsyncLocalStorage<PluginCall>();
  private stray: ForgeError | null = null;

  constructor(private readonly options: PluginCallsOptions) {}

  /** Do something that is not waited for, in the name of a plugin. */
  inside<T>(call: PluginCall, work: () => T): T {
    return this.context.run(call, work);
  }

  /**
   * Wait for what a plugin does.
   * @throws what it throws; ForgeError AF_PLUGIN_NEVER_SETTLED, AF_PHASE_NEVER_SETTLED, AF_PLUGIN_STRAY
   */
  async wait<T>(call: PluginCall, work: () => T | Promise<T>, patience: Patience = 'always'): Promise<T> {
    let close: () => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      const timer = this.watch(call, patience, reject);
      const entry = { call, fail: reject, interruptible: interruptible(call) };
      close = () => {
        clearTimeout(timer);
        this.leave(entry);
      };
      this.enter(entry);
    });
    try {
      return await Promise.race([this.context.run(call, async () => work()), ended]);
    } finally {
      close();
    }
  }

  /**
   * An error that nobody waited for. It ends the call it comes from, or the one under way.
   * @returns whether a plugin of this kernel is to blame
   */
  readonly blame = (thrown: unknown): boolean => {
    const call = this.context.getStore();
    if (call === undefined) return false;
    const error = strayError(call, thrown);
    const entries = [...this.open];
    const own = entries.find((entry) => entry.call === call);
    const target = own ?? entries.findLast((entry) => entry.interruptible);
    if (own === undefined && call.onStray !== undefined) call.onStray(error);
    else if (target !== undefined) target.fail(error);
    else this.stray = error;
    return true;
  };

  /** Follow no call any more: Node passes every context on with every promise until it is told not to. */
  forget(): void {
    this.context.disable();
  }

  /** @throws ForgeError AF_PLUGIN_STRAY when work that plugins left behind failed while no call was under way */
  throwStray(): void {
    const { stray } = this;
    this.stray = null;
    if (stray !== null) throw stray;
  }

  private watch(call: PluginCall, patience: Patience, fail: (error: ForgeError) => void) {
    if (patience === 'quietly') return undefined;
    const { patienceMs, onSlow } = this.options;
    const timer = setTimeout(() => {
      const seconds = `${patienceMs / 1000} s`;
      if (patience === 'briefly') fail(neverSettled(call, `has not come back after ${seconds}`));
      else onSlow(`${inWords(call)} has not come back after ${seconds}; still waiting.`, call);
    }, patienceMs);
    return timer.unref();
  }

  private enter(entry: OpenCall): void {
    if (this.open.size === 0) process.on('beforeExit', this.onIdle);
    this.open.add(entry);
  }

  private leave(entry: OpenCall): void {
    this.open.delete(entry);
    if (this.open.size === 0) process.removeListener('beforeExit', this.onIdle);
  }

  /** Node is about to exit: nothing is left that could end the calls under way. The innermost is the culprit. */
  private readonly onIdle = (): void => {
    const newest = [...this.open].at(-1);
    newest?.fail(neverSettled(newest.call, 'waits for something that can never happen'));
    // One more turn: what waits for this call may wait for another one that never settles either.
    setImmediate(() => undefined);
  };
}

/** `Hook onDone of plugin "x"`, `Sink.flush of plugin "x" ("y")`, `Phase "x"`. */
function inWords({ plugin, what, name }: PluginCall): string {
  if (what === CONFIG_CALL.what) return 'The configuration';
  if (what === 'import') return `The module ${plugin}`;
  if (what === 'phase.run') return `Phase "${name ?? plugin}"`;
  const other = name === undefined || name === plugin ? '' : ` ("${name}")`;
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} of plugin "${plugin}"${other}`;
}

function interruptible({ what }: PluginCall): boolean {
  return !what.startsWith('registry.') && !what.startsWith('storage.');
}

function neverSettled(call: PluginCall, how: string): ForgeError {
  const codes = new Map([
    ['phase.run', 'AF_PHASE_NEVER_SETTLED'],
    [CONFIG_CALL.what, 'AF_CONFIG_LOAD'],
  ] as const);
  const code = codes.get(call.what) ?? 'AF_PLUGIN_NEVER_SETTLED';
  return new ForgeError(code, `${inWords(call)} ${how}.`, {
    at: `plugin ${call.plugin}, ${call.what}`,
    fix: 'A promise in it is never resolved or rejected: look for a missing await, callback or resolve().',
    facts: { plugin: call.plugin, call: call.what },
  });
}

function strayError(call: PluginCall, thrown: unknown): ForgeError {
  return new ForgeError(
    'AF_PLUGIN_STRAY',
    `${inWords(call)} left work behind that failed: ${messageOf(thrown)}`,
    {
      at: `plugin ${call.plugin}, ${call.what}`,
      cause: thrown,
      fix: `Somewhere in "${call.plugin}" a promise is neither awaited nor caught, or a callback throws. When it is mended, go on with \`agentforge run --resume\`.`,
      facts: { plugin: call.plugin, call: call.what },
    },
  );
}

/** Whether an error says already which plugin did what. */
export function namesItsPlugin(error: unknown): error is ForgeError {
  return isForgeError(error, 'AF_PLUGIN_NEVER_SETTLED') || isForgeError(error, 'AF_PLUGIN_STRAY');
}

/** Whether a value is a promise or behaves like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
