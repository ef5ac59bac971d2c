import type { MemberKind, Overrides, Token } from '../contracts/index.js';
import { ForgeError, isForgeError, nearest } from '../errors/index.js';
import type { Container } from '../di/container.js';
import { describeValue } from '../validation/describe.js';
import { messageOf } from '../errors/message-of.js';
import { isThenable, type PluginCalls } from './plugin-calls.js';

/** Who provides something: a plugin by name, built in or from the config. */
export interface Provider {
  readonly plugin: string;
  readonly builtin: boolean;
}

interface Provided extends Provider {
  readonly name: string;
  readonly key: string;
  readonly create: (overrides: Overrides | null) => unknown;
  readonly token: Token<unknown>;
}

/** An implementation that was made, and whose it is. */
export interface Instance {
  readonly plugin: string;
  readonly point: string;
  readonly name: string;
  readonly value: unknown;
}

/**
 * What plugins provide, by token and name, as lazy singletons. A plugin of the config wins over a built-in one that
 * provides the same; two of the config are an error.
 */
export class ExtensionPoints {
  private readonly points = new Map<string, Map<string, Provided>>();
  private readonly created: Instance[] = [];
  /** Implementations being created right now, each because the one before it asked for it. */
  private readonly making: string[] = [];
  private ordinal = 0;

  constructor(
    private readonly container: Container,
    /** Which implementation a nameless `resolve` gives, by point id. */
    private readonly preferred: () => Readonly<Record<string, string | undefined>>,
    private readonly calls: PluginCalls,
  ) {}

  /** @throws ForgeError AF_PLUGIN_DUPLICATE */
  provide<T>(
    token: Token<T>,
    name: string,
    create: (overrides: Overrides | null) => T,
    provider: Provider,
  ): void {
    const point = this.points.get(token.id) ?? new Map<string, Provided>();
    this.points.set(token.id, point);
    const other = point.get(name);
    if (other !== undefined) {
      if (provider.builtin && !other.builtin) return;
      if (provider.builtin === other.builtin) throw duplicate(token.id, name, other.plugin, provider.plugin);
      point.delete(name);
    }
    const key = `${token.id}:${name}#${(this.ordinal += 1)}`;
    const provided: Provided = { ...provider, name, key, create, token: token as Token<unknown> };
    point.set(name, provided);
    this.container.register(key, () => {
      const value = this.make(provided, token.id, null);
      this.created.push({ plugin: provider.plugin, point: token.id, name, value });
      return value;
    });
  }

  /**
   * The singleton, or with overrides a fresh implementation that belongs to the caller.
   * @throws ForgeError AF_PLUGIN_UNKNOWN, AF_PLUGIN_CREATE, AF_CONFIG_INVALID when the overrides are wrong
   */
  resolve<T>(token: Token<T>, name?: string, overrides?: Overrides): T {
    const provided = this.find(token, name);
    return (
      overrides === undefined ? this.container.get(provided.key) : this.make(provided, token.id, overrides)
    ) as T;
  }

  names<T>(token: Token<T>): readonly string[] {
    return [...(this.points.get(token.id)?.keys() ?? [])];
  }

  /**
   * Who provides what `resolve` would give.
   * @throws ForgeError AF_PLUGIN_UNKNOWN
   */
  providerOf<T>(token: Token<T>, name?: string): { readonly plugin: string; readonly name: string } {
    return this.find(token, name);
  }

  /** What a plugin provides, as `point:name`. */
  providedBy(plugin: string): string[] {
    return [...this.points].flatMap(([point, names]) =>
      [...names.values()].filter((each) => each.plugin === plugin).map((each) => `${point}:${each.name}`),
    );
  }

  /** Instances made so far, newest first. */
  instances(): Instance[] {
    return [...this.created].reverse();
  }

  /** Forget everything. */
  clear(): void {
    this.points.clear();
    this.created.length = 0;
    this.container.clear();
  }

  private find<T>(token: Token<T>, name: string | undefined): Provided {
    const point = this.points.get(token.id) ?? new Map<string, Provided>();
    const wanted = name ?? this.preferred()[token.id];
    const provided = wanted === undefined ? firstOf([...point.values()]) : point.get(wanted);
    if (provided === undefined) throw unknown(token.id, wanted, [...point.keys()]);
    return provided;
  }

  private make(provided: Provided, point: string, overrides: Overrides | null): unknown {
    const label = `${point} "${provided.name}"`;
    if (this.making.includes(label)) throw circle([...this.making.slice(this.making.indexOf(label)), label]);
    this.making.push(label);
    try {
      const call = { plugin: provided.plugin, what: `create of ${label}` };
      return this.calls.inside(call, () => make(provided, point, overrides));
    } finally {
      this.making.pop();
    }
  }
}

function make(provided: Provided, point: string, overrides: Overrides | null): unknown {
  const { plugin, name, create, token } = provided;
  try {
    const made = create(overrides);
    checkMembers(made, token);
    return made;
  } catch (cause) {
    if (overrides !== null && isForgeError(cause, 'AF_CONFIG_INVALID')) throw cause;
    if (isForgeError(cause, 'AF_PLUGIN_CYCLE')) throw cause;
    throw new ForgeError(
      'AF_PLUGIN_CREATE',
      `Plugin "${plugin}" could not create ${point} "${name}": ${messageOf(cause)}`,
      {
        at: `plugin ${plugin}`,
        cause,
        fix: `Look at the options of "${plugin}" and at what it needs.`,
        facts: { plugin, point, name },
      },
    );
  }
}

/** @throws TypeError saying in words what is no implementation of the point */
function checkMembers(made: unknown, { members }: Token<unknown>): void {
  if (isThenable(made)) {
    // Whatever becomes of it is not what anybody waits for.
    made.then(undefined, () => undefined);
    throw new TypeError('create gave a promise instead of what it provides: it cannot be asynchronous');
  }
  if (made === undefined || made === null) throw new TypeError(`create gave ${describeValue(made)}`);
  if (members === undefined) return;
  if (typeof made !== 'object' && typeof made !== 'function')
    throw new TypeError(`create gave ${describeValue(made)} instead of an object`);
  for (const [member, kind] of Object.entries(members)) {
    const value: unknown = Reflect.get(made, member);
    if (!isOfKind(value, kind))
      throw new TypeError(
        `${member} of what create gave is ${describeValue(value)} instead of a ${kind.replace('?', '')}`,
      );
  }
}

function isOfKind(value: unknown, kind: MemberKind): boolean {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'list') return Array.isArray(value);
  if (kind === 'function') return typeof value === 'function';
  if (kind === 'function?') return value === undefined || typeof value === 'function';
  if (value === null) return kind === 'schema or null';
  return typeof value === 'object' && !Array.isArray(value);
}

/** The first of the config's, else the first built-in. */
function firstOf(provided: readonly Provided[]): Provided | undefined {
  return provided.find((each) => !each.builtin) ?? provided[0];
}

function circle(path: readonly string[]): ForgeError {
  return new ForgeError(
    'AF_PLUGIN_CYCLE',
    `Implementations need each other in a circle: ${path.join(' -> ')}.`,
    {
      at: path[0],
      fix: 'Let one of them resolve the other when it is used instead of when it is created.',
      facts: { path },
    },
  );
}

function duplicate(point: string, name: string, first: string, second: string): ForgeError {
  return new ForgeError(
    'AF_PLUGIN_DUPLICATE',
    `Plugins "${first}" and "${second}" both provide ${point} "${name}".`,
    {
      at: `plugin ${second}`,
      fix: `Take one of them out of the config, or give one another name.`,
      facts: { point, name, plugins: [first, second] },
    },
  );
}

function unknown(point: string, name: string | undefined, known: readonly string[]): ForgeError {
  const suggestion = name === undefined ? undefined : nearest(name, known);
  const message = name === undefined ? `No plugin provides a ${point}.` : `There is no ${point} "${name}".`;
  const list =
    known.length === 0
      ? `No plugin provides a ${point}: add one to the config.`
      : `Known: ${known.join(', ')}.`;
  return new ForgeError('AF_PLUGIN_UNKNOWN', message, {
    at: point,
    fix: suggestion === undefined ? list : `Did you mean "${suggestion}"? ${list}`,
    facts: { point, name: name ?? null, known, suggestion: suggestion ?? null },
  });
}
