import type { Plugin } from '../contracts/index.js';
import { PHASE } from '../contracts/phase.js';
import { isForgeError, type Problem } from '../errors/index.js';
import { layerOf, placeOf, type MergedConfig } from '../config/merge.js';
import { absolutePaths } from '../config/paths.js';
import { messageOf } from '../errors/message-of.js';
import { joinPath } from '../validation/path.js';
import { clonePlain, freezePlain, isPlainObject } from '../validation/plain.js';
import type { Report } from '../validation/report.js';
import type { Validator } from '../validation/validator.js';
import type { LoadedPlugin } from './load.js';

/** A plugin with the options it will be applied with: defaults filled in, checked, frozen. */
export interface ReadyPlugin extends LoadedPlugin {
  readonly options: Readonly<Record<string, unknown>>;
  /** The same with absolute paths, as the plugin gets them. */
  readonly applied: Readonly<Record<string, unknown>>;
  /** The config lists the plugin or gives it options. */
  readonly mentioned: boolean;
}

export interface OptionsWorld {
  /** The merged config, with everything the layers say about a plugin in one place. */
  readonly merged: MergedConfig;
  /** Folder that relative paths in it start from. */
  readonly base: string;
  readonly validator: Validator;
  readonly report: Report;
}

/** Whether a plugin gives phases: those are applied last, because `modifyConfig` may still change their options. */
export function isPhasePlugin({ plugin }: LoadedPlugin): boolean {
  return plugin.provides?.includes(PHASE.id) ?? false;
}

/**
 * Take a plugin's options out of the config, fill in defaults and check them.
 * @returns null when they are wrong (problems say how), or when a built-in plugin that nobody listed needs options
 */
export function readyPlugin(loaded: LoadedPlugin, world: OptionsWorld): ReadyPlugin | null {
  const { plugin } = loaded;
  const section = isPhasePlugin(loaded) ? 'phases' : 'options';
  const given = optionsOf(world.merged.config, section, plugin.name);
  const options = clonePlain(given);
  const problems = optionProblems(plugin, options, world);
  const mentioned = loaded.listed || Object.keys(given).length > 0;
  if (problems.length === 0) {
    const applied = absolutePaths(options, plugin.optionsSchema, world.base);
    return { ...loaded, options: freezePlain(options), applied: freezePlain(applied), mentioned };
  }
  const at = joinPath(section, plugin.name);
  if (mentioned) problems.forEach((problem) => world.report(placed(problem, at, loaded, world.merged)));
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
  section: string,
  name: string,
): Record<string, unknown> {
  const all = config[section];
  const own = isPlainObject(all) && Object.hasOwn(all, name) ? all[name] : undefined;
  return isPlainObject(own) ? own : {};
}

/** Say where the value stands, as it was written: under `phases.<name>` or `options.<name>`, or at an entry. */
function placed(problem: Problem, base: string, loaded: LoadedPlugin, merged: MergedConfig): Problem {
  const at = problem.at.startsWith('[') || problem.at === '' ? base + problem.at : `${base}.${problem.at}`;
  const place = merged.provenance.has(base) ? placeOf(at, merged.places) : undefined;
  if (place !== undefined) return { ...problem, at: place, source: layerOf(at, merged.provenance) };
  const entry = loaded.listed ? `${loaded.at} (${loaded.plugin.name})` : base;
  const source = loaded.origin === 'config' ? loaded.source : problem.source;
  return { ...problem, at: entry + at.slice(base.length), source };
}
