import type { Overrides, Token } from '../../contracts/index.js';
import { ForgeError, isForgeError, nearest } from '../../errors/index.js';
import type { Container } from '../di/container.js';
import { messageOf } from './errors.js';

/** Who provides something: a plugin by name, built in or from the config. */
export interface Provider {
  readonly plugin: string;
  readonly builtin: boolean;
}

interface Provided extends Provider {
  readonly name: string;
  readonly key: string;
  readonly create: (overrides: Overrides | null) => unknown;
}

/**
 * What plugins provide, by token and name, as lazy singletons. A plugin of the config wins over a built-in one that
 * provides the same; two of the config are an error.
 */
export class ExtensionPoints {
  private readonly points = new Map<string, Map<string, Provided>>();
  private readonly created: unknown[] = [];
  /** Implementations being created right now, each because the one before it asked for it. */
  private readonly making: string[] = [];
  private ordinal = 0;

  constructor(
    private readonly container: Container,
    /** Which implementation a nameless `resolve` gives, by point id. */
    private readonly preferred: () => Readonly<Record<string, string | undefined>>,
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
    const provided: Provided = { ...provider, name, key, create };
    point.set(name, provided);
    this.container.register(key, () => {
      const instance = this.make(provided, token.id, null);
      this.created.push(instance);
      return instance;
    });
  }

  /**
   * The singleton, or with overrides a fresh implementation that belongs to the caller.
   * @throws ForgeError AF_PLUGIN_UNKNOWN, AF_PLUGIN_CREATE, AF_CONFIG_INVALID when the overrides are wrong
   */
  resolve<T>(token: Token<T>, name?: string, overrides?: Overrides): T {
    const point = this.points.get(token.id) ?? new Map<string, Provided>();
    const wanted = name ?? this.preferred()[token.id];
    const provided = wanted === undefined ? firstOf([...point.values()]) : point.get(wanted);
    if (provided === undefined) throw unknown(token.id, wanted, [...point.keys()]);
    return (
      overrides === undefined ? this.container.get(provided.key) : this.make(provided, token.id, overrides)
    ) as T;
  }

  names<T>(token: Token<T>): readonly string[] {
    return [...(this.points.get(token.id)?.keys() ?? [])];
  }

  /** What a plugin provides, as `point:name`. */
  providedBy(plugin: string): string[] {
    return [...this.points].flatMap(([point, names]) =>
      [...names.values()].filter((each) => each.plugin === plugin).map((each) => `${point}:${each.name}`),
    );
  }

  /** Instances made so far, newest first. */
  instances(): unknown[] {
    return [...this.created].reverse();
  }

  /** Forget everything. */
  clear(): void {
    this.points.clear();
    this.created.length = 0;
    this.container.clear();
  }

  private make(provided: Provided, point: string, overrides: Overrides | null): unknown {
    const label = `${point} "${provided.name}"`;
    if (this.making.includes(label)) throw circle([...this.making.slice(this.making.indexOf(label)), label]);
    this.making.push(label);
    try {
      return make(provided, point, overrides);
    } finally {
      this.making.pop();
    }
  }
}

function make({ plugin, name, create }: Provided, point: string, overrides: Overrides | null): unknown {
  try {
    return create(overrides);
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
