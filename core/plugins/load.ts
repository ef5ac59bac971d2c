import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin } from '../contracts/index.js';
import { isForgeError, nearest, type Problem } from '../errors/index.js';
import { checkRegular } from '../../storage/regular-file.js';
import type { Importer } from '../config/importer.js';
import { isPath } from '../config/layers.js';
import { messageOf } from '../errors/message-of.js';
import type { BuiltinPlugin } from '../kernel/types.js';
import { describeValue } from '../validation/describe.js';
import type { PluginRequest } from './entries.js';
import { exportedPlugins } from './exports.js';
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
 * What a request asks for: itself, or by path, built-in name, package or short package name, in this order. A module
 * may give several plugins.
 * @returns `failed` when it is there but cannot be loaded (a problem says why), `missing` when there is none
 */
export async function loadPlugins(
  request: PluginRequest,
  origin: RequestOrigin,
  world: LoadWorld,
): Promise<readonly LoadedPlugin[] | 'failed' | 'missing'> {
  const { at } = request;
  if (request.kind === 'instance')
    return [
      {
        plugin: request.plugin,
        origin: 'config',
        source: origin.layer,
        layer: origin.layer,
        at,
        listed: true,
      },
    ];
  const { use, options } = request;
  if (isPath(use))
    return fromModule(resolve(origin.folder, use), use, request, { ...world, layer: origin.layer });
  const builtin = world.builtins.get(use);
  if (builtin !== undefined) {
    const loaded = await fromBuiltin(builtin, options, at, world, origin.layer);
    return loaded === 'failed' ? loaded : [loaded];
  }
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
): Promise<readonly LoadedPlugin[] | 'failed'> {
  const { at } = request;
  const { layer } = world;
  try {
    checkRegular(file, await stat(file));
    const exported = exportedPlugins(await world.importer.importFile(file));
    if ('plugins' in exported) {
      const plugins = withOptions(exported.plugins, request, world.report);
      if (plugins === null) return 'failed';
      return plugins.map((plugin) => ({ plugin, origin: 'config', source, layer, at, listed: true }));
    }
    world.report({
      at,
      message: `${source} ${exported.message}`,
      expected: 'a default export made with definePlugin or one of its kin, or a list of such',
      found: exported.found,
      fix: exported.fix,
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

/** Options given beside a module: they are for its one plugin; of several, each has its own by name. */
function withOptions(
  plugins: readonly Plugin[],
  { at, use, options }: PluginRequest & { kind: 'named' },
  report: Report,
): readonly Plugin[] | null {
  if (plugins.length === 1) return [plugins[0]!.withOptions(options)];
  if (Object.keys(options).length === 0) return plugins;
  report({
    at,
    message: `${use} gives several plugins, and the options do not say for which they are`,
    expected: 'options by name of the plugin',
    found: `options beside ${plugins.map(({ name }) => name).join(', ')}`,
    fix: `Give them under options.<name>, for example options.${plugins[0]!.name}.`,
  });
  return null;
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
