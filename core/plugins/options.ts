import { PHASE, type Plugin } from '../../contracts/index.js';
import { isForgeError, type Problem } from '../../errors/index.js';
import { messageOf } from '../kernel/errors.js';
import { layerOf } from '../config/merge.js';
import { joinPath } from '../validation/path.js';
import { clonePlain, freezePlain, isPlainObject } from '../validation/plain.js';
import type { Report } from '../validation/report.js';
import type { Validator } from '../validation/validator.js';
import type { LoadedPlugin } from './load.js';

/** A plugin with the options it will be applied with: defaults filled in, checked, frozen. */
export interface ReadyPlugin extends LoadedPlugin {
  readonly options: Readonly<Record<string, unknown>>;
  /** The config lists the plugin or gives it options. */
  readonly mentioned: boolean;
}

export interface OptionsWorld {
  /** The merged config: `options.<name>` and, for phases, `phases.<name>` lie over a plugin's own options. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly provenance: ReadonlyMap<string, string>;
  readonly validator: Validator;
  readonly report: Report;
}

/** Whether a plugin gives phases: those are applied last, because `modifyConfig` may still change their options. */
export function isPhasePlugin({ plugin }: LoadedPlugin): boolean {
  return plugin.provides?.includes(PHASE.id) ?? false;
}

/**
 * Lay the config's options over a plugin's own, fill in defaults and check them.
 * @returns null when they are wrong (problems say how), or when a built-in plugin that nobody listed needs options
 */
export function readyPlugin(loaded: LoadedPlugin, world: OptionsWorld): ReadyPlugin | null {
  const { name } = loaded.plugin;
  const layered = isPhasePlugin(loaded) ? ['options', 'phases'] : ['options'];
  const given = layered.map((key) => optionsOf(world.config, key, name));
  const plugin = given.reduce<Plugin>((below, extra) => below.withOptions(extra), loaded.plugin);
  const options = clonePlain(plugin.options) as Record<string, unknown>;
  const problems = optionProblems(plugin, options, world);
  const mentioned = loaded.listed || given.some((extra) => Object.keys(extra).length > 0);
  if (problems.length === 0) return { ...loaded, plugin, options: freezePlain(options), mentioned };
  if (mentioned) problems.forEach((problem) => world.report(placed(problem, loaded, layered, world)));
  return null;
}

/** A schema that is none is a mistake of the plugin, told like one in the options. */
function optionProblems(
  { name, optionsSchema }: Plugin,
  options: Record<string, unknown>,
  { validator }: OptionsWorld,
): Problem[] {
  try {
    return validator.validate(optionsSchema, options, { at: '', fillDefaults: true });
  } catch (cause) {
    if (!isForgeError(cause, 'AF_SCHEMA_INVALID')) throw cause;
    return [
      {
        at: '',
        message: `the options schema of the plugin "${name}" is no JSON Schema: ${messageOf(cause.cause)}`,
        expected: 'a JSON Schema (Type.Object({ ... }))',
        fix: cause.fix,
      },
    ];
  }
}

function optionsOf(
  config: Readonly<Record<string, unknown>>,
  key: string,
  name: string,
): Record<string, unknown> {
  const all = config[key];
  const own = isPlainObject(all) && Object.hasOwn(all, name) ? all[name] : undefined;
  return isPlainObject(own) ? own : {};
}

/** Say where the value stands: under `phases.<name>` or `options.<name>` when it was set there, else at the entry. */
function placed(
  problem: Problem,
  loaded: LoadedPlugin,
  layered: readonly string[],
  world: OptionsWorld,
): Problem {
  const { name } = loaded.plugin;
  const below = (base: string): string =>
    problem.at.startsWith('[') ? base + problem.at : problem.at === '' ? base : `${base}.${problem.at}`;
  for (const key of [...layered].reverse()) {
    const at = below(joinPath(key, name));
    const set = [...world.provenance.keys()].some(
      (path) => path === at || path.startsWith(`${at}.`) || path.startsWith(`${at}[`),
    );
    if (set) return { ...problem, at, source: layerOf(at, world.provenance) };
  }
  const own = loaded.listed ? `${loaded.at} (${name})` : joinPath('options', name);
  return { ...problem, at: below(own), source: loaded.origin === 'config' ? loaded.source : problem.source };
}
