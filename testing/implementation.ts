import type { Forge, KernelHooks, Plugin, Token } from '../contracts/index.js';
import { ForgeError } from '../errors/index.js';
import { silentLogger } from './silent-logger.js';

/** Where plugins are applied without a kernel: options checked, implementations kept, no lifecycle. */
class Bench {
  private readonly makers = new Map<string, { create: () => unknown; made?: unknown }>();

  async apply(plugin: Plugin): Promise<void> {
    await plugin.apply(this.view(plugin), await checkedOptions(plugin));
  }

  find<T>(token: Token<T>, name?: string): T {
    const key = name === undefined ? [...this.makers.keys()].find((known) => known.startsWith(`${token.id}:`)) : `${token.id}:${name}`;
    const entry = key === undefined ? undefined : this.makers.get(key);
    if (entry === undefined) {
      throw new ForgeError('AF_PLUGIN_UNKNOWN', `None of the given plugins provides ${token.id}:${name ?? '*'}.`, {
        fix: 'Pass the plugin that provides it too.',
      });
    }
    entry.made ??= entry.create();
    return entry.made as T;
  }

  private view(plugin: Plugin): Forge {
    return {
      log: silentLogger,
      get hooks(): KernelHooks {
        throw new ForgeError('AF_USAGE', `${plugin.name} uses lifecycle hooks: test it with createTestKernel.`);
      },
      provide: (token, name, create) => void this.makers.set(`${token.id}:${name}`, { create }),
      resolve: (token, name) => this.find(token, name),
      names: (token) =>
        [...this.makers.keys()].filter((key) => key.startsWith(`${token.id}:`)).map((key) => key.slice(token.id.length + 1)),
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
export async function implementationOf<T>(token: Token<T>, plugin: Plugin, others: readonly Plugin[] = []): Promise<T> {
  const bench = new Bench();
  await bench.apply(plugin);
  for (const other of others) await bench.apply(other);
  return bench.find(token);
}

async function checkedOptions(plugin: Plugin): Promise<Record<string, unknown>> {
  const { Ajv } = await import('ajv');
  const options = structuredClone(plugin.options) as Record<string, unknown>;
  const validate = new Ajv({ allErrors: true, useDefaults: true, strict: false }).compile(plugin.optionsSchema);
  if (!validate(options)) {
    const problems = (validate.errors ?? []).map((error) => ({
      at: `${plugin.name}${error.instancePath.replaceAll('/', '.')}`,
      message: error.message ?? error.keyword,
    }));
    throw new ForgeError('AF_CONFIG_INVALID', `The options of ${plugin.name} are wrong.`, { problems });
  }
  return options;
}
