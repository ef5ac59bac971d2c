import type { Forge, KernelHooks, Overrides, Plugin, Token } from '../core/contracts/index.js';
import { clonePlain } from '../core/validation/plain.js';
import { loadValidator, type Validator } from '../core/validation/validator.js';
import { ForgeError } from '../core/errors/index.js';
import { silentLogger } from './silent-logger.js';

interface Provided {
  readonly create: (overrides: Overrides | null) => unknown;
  made?: unknown;
}

/** Where plugins are applied without a kernel: options checked, implementations kept, no lifecycle. */
class Workbench {
  private readonly provided = new Map<string, Provided>();

  constructor(private readonly validator: Validator) {}

  async apply(plugin: Plugin): Promise<void> {
    const options = this.validate(plugin.optionsSchema, plugin.options, plugin.name);
    await plugin.apply(this.view(plugin), options as Readonly<Record<string, unknown>>);
  }

  find<T>(token: Token<T>, name = this.names(token)[0], overrides?: Overrides): T {
    const entry = this.provided.get(`${token.id}:${name}`);
    if (entry === undefined) {
      throw new ForgeError(
        'AF_PLUGIN_UNKNOWN',
        `None of the given plugins provides ${token.id} "${name ?? ''}".`,
        {
          fix: 'Pass the plugin that provides it too.',
        },
      );
    }
    if (overrides !== undefined) return entry.create(overrides) as T;
    entry.made ??= entry.create(null);
    return entry.made as T;
  }

  private names(token: Pick<Token<unknown>, 'id'>): string[] {
    const prefix = `${token.id}:`;
    return [...this.provided.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }

  private validate(schema: object, value: unknown, at: string): unknown {
    const checked = clonePlain(value);
    const problems = this.validator.validate(schema, checked, { at, fillDefaults: true });
    if (problems.length === 0) return checked;
    throw new ForgeError('AF_CONFIG_INVALID', `The options of ${at} are wrong.`, { at, problems });
  }

  private view(plugin: Plugin): Forge {
    return {
      log: silentLogger,
      get hooks(): KernelHooks {
        throw new ForgeError(
          'AF_USAGE',
          `${plugin.name} uses lifecycle hooks: test it with createTestKernel.`,
        );
      },
      provide: (token, name, create) => void this.provided.set(`${token.id}:${name}`, { create }),
      resolve: (token, name, overrides) => this.find(token, name, overrides),
      validate: (schema, value, at) => this.validate(schema, value, at),
      names: (token) => this.names(token),
    };
  }
}

/**
 * What a plugin provides, made without a kernel: options are validated and defaults filled in as the kernel would.
 * `others` are plugins it asks for.
 *
 * @example const method = await implementationOf(MERGE, ties({ density: 0.2 }));
 * @throws ForgeError AF_CONFIG_INVALID when the options do not fit the plugin's schema
 * @throws ForgeError AF_PLUGIN_UNKNOWN when the plugin provides no such thing
 */
export async function implementationOf<T>(
  token: Token<T>,
  plugin: Plugin,
  others: readonly Plugin[] = [],
): Promise<T> {
  const bench = new Workbench(await loadValidator());
  await bench.apply(plugin);
  for (const other of others) await bench.apply(other);
  return bench.find(token);
}
