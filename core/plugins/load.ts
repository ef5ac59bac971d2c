import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin, PluginFactory } from '../../contracts/index.js';
import { isForgeError, nearest, type Problem } from '../../errors/index.js';
import { checkRegular } from '../../storage/regular-file.js';
import type { Importer } from '../config/importer.js';
import { isPath } from '../config/layers.js';
import { messageOf } from '../kernel/errors.js';
import type { BuiltinPlugin } from '../kernel/types.js';
import { describeValue } from '../validation/describe.js';
import { isPlainObject } from '../validation/plain.js';
import { isPlugin, type PluginRequest } from './entries.js';
import type { Report } from '../validation/report.js';

const PREFIX = 'agentforge-plugin-';

/** A plugin with where it came from. */
export interface LoadedPlugin {
  readonly plugin: Plugin;
  readonly origin: 'builtin' | 'config';
  /** Module, package or config layer, for listings. */
  readonly source: string;
  /** Config path of the entry. */
  readonly at: string;
  /** Name of the nearest config layer that lists it; null when none does. */
  readonly layer: string | null;
  /** Listed in the config, as opposed to a built-in one nobody mentioned. */
  readonly listed: boolean;
}

export interface LoadWorld {
  readonly importer: Importer;
  readonly builtins: ReadonlyMap<string, BuiltinPlugin>;
  readonly report: Report;
}

/** Where a request was made: relative paths start from the folder of the file that says them. */
export interface RequestOrigin {
  readonly layer: string;
  readonly folder: string;
}

/**
 * The plugin a request asks for: itself, or by path, built-in name, package or short package name, in this order.
 * @returns `failed` when it is there but cannot be loaded (a problem says why), `missing` when there is none
 */
export async function loadPlugin(
  request: PluginRequest,
  origin: RequestOrigin,
  world: LoadWorld,
): Promise<LoadedPlugin | 'failed' | 'missing'> {
  const { at } = request;
  if (request.kind === 'instance')
    return {
      plugin: request.plugin,
      origin: 'config',
      source: origin.layer,
      layer: origin.layer,
      at,
      listed: true,
    };
  const { use, options } = request;
  if (isPath(use))
    return fromModule(resolve(origin.folder, use), use, request, { ...world, layer: origin.layer });
  const builtin = world.builtins.get(use);
  if (builtin !== undefined) return fromBuiltin(builtin, options, at, world, origin.layer);
  for (const name of packageNames(use)) {
    const file = await world.importer.resolvePackage(name, origin.folder);
    if (file !== null) return fromModule(file, name, request, { ...world, layer: origin.layer });
  }
  return 'missing';
}

/** A built-in plugin, its module loaded now. */
export async function fromBuiltin(
  builtin: BuiltinPlugin,
  options: Readonly<Record<string, unknown>>,
  at: string,
  world: LoadWorld,
  layer: string | null,
): Promise<LoadedPlugin | 'failed'> {
  try {
    const plugin = (await builtin.load())(options as never);
    return { plugin, origin: 'builtin', source: 'built-in', layer, at, listed: layer !== null };
  } catch (cause) {
    world.report({
      at,
      message: `the built-in plugin "${builtin.name}" cannot be loaded: ${messageOf(cause)}`,
      fix: 'Reinstall agentforge.',
    });
    return 'failed';
  }
}

/** `x` -> `agentforge-plugin-x`; `@org/x` -> itself and `@org/agentforge-plugin-x`. */
function packageNames(use: string): string[] {
  const scoped = /^(@[^/]+)\/([^/]+)$/.exec(use);
  if (scoped !== null) return [use, `${scoped[1]!}/${PREFIX}${scoped[2]!}`];
  if (use.startsWith(PREFIX)) return [use];
  return /^[a-z0-9][\w.-]*$/i.test(use) ? [`${PREFIX}${use}`] : [];
}

async function fromModule(
  file: string,
  source: string,
  request: PluginRequest & { kind: 'named' },
  world: LoadWorld & { readonly layer: string },
): Promise<LoadedPlugin | 'failed'> {
  const { at, options } = request;
  try {
    checkRegular(file, await stat(file));
    const plugin = pluginOf(await world.importer.importFile(file), options);
    if (plugin !== null) return { plugin, origin: 'config', source, layer: world.layer, at, listed: true };
    world.report({
      at,
      message: `${source} exports no plugin`,
      expected: 'a default export made with definePlugin or one of its kin',
      found: source,
      fix: `Write \`export default defineMerge({ ... })\` (or its kin) in ${source}.`,
    });
  } catch (cause) {
    const missing =
      !isForgeError(cause) &&
      ['MODULE_NOT_FOUND', 'ENOENT', 'ERR_MODULE_NOT_FOUND'].includes(
        String((cause as { code?: unknown }).code),
      );
    world.report({
      at,
      message: `${source} cannot be loaded: ${messageOf(cause)}`,
      expected: 'a module that exports a plugin',
      found: describeValue(source),
      fix: missing
        ? 'Check the path; it starts from the folder of the config file.'
        : 'Mend the module; the message says what is wrong.',
    });
  }
  return 'failed';
}

/** The plugin a module gives: its default export, or its only factory or plugin. */
function pluginOf(module: unknown, options: Readonly<Record<string, unknown>>): Plugin | null {
  if ((typeof module !== 'object' && typeof module !== 'function') || module === null) return null;
  const exported: unknown[] =
    'default' in module ? [module.default, ...nested(module.default)] : Object.values(module);
  const plugins = [module, ...exported].flatMap((value) =>
    isFactory(value) ? [value()] : isPlugin(value) ? [value] : [],
  );
  return plugins[0]?.withOptions(options) ?? null;
}

/** CommonJS loaded as an ES module has its own `default` one level down. */
function nested(value: unknown): unknown[] {
  return isPlainObject(value) && 'default' in value ? [value['default']] : [];
}

function isFactory(value: unknown): value is PluginFactory {
  return typeof value === 'function' && typeof (value as Partial<PluginFactory>).pluginName === 'string';
}

export function unknownPlugin(name: string, at: string, known: readonly string[]): Problem {
  const suggestion = nearest(name, known);
  const install = `install ${PREFIX}${name}, or give a path that starts with ./`;
  return {
    at,
    message: `unknown plugin "${name}"`,
    expected: 'a built-in plugin, an installed package or a path',
    found: describeValue(name),
    suggestion,
    fix: suggestion === undefined ? `Check the name, ${install}.` : `Write "${suggestion}"; or ${install}.`,
  };
}
