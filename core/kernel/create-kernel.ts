import { resolve } from 'node:path';
import {
  ENGINE,
  PHASE,
  REGISTRY,
  SINK,
  STORAGE,
  TERMINAL,
  type Plugin,
  type ResolvedConfig,
  type Token,
} from '../../contracts/index.js';
import { ForgeError, type Problem, problemsError } from '../../errors/index.js';
import { createImporter } from '../config/importer.js';
import { loadConfig, type LoadedConfig } from '../config/load-config.js';
import { SEARCH_PLACES } from '../config/search.js';
import { differences } from '../config/differences.js';
import { layerOf } from '../config/merge.js';
import { checkConfig, hashConfig, relevantConfig, resolvedConfig } from '../config/resolve.js';
import { applyPlugins } from '../plugins/apply.js';
import { collectPlugins, type PipelineEntry, type PluginSet } from '../plugins/collect.js';
import { DEFAULT_SINKS } from '../config/schema.js';
import type { LoadedPlugin } from '../plugins/load.js';
import { checkKeys, checkPipelineNames, unknownName } from '../plugins/names.js';
import type { Report } from '../validation/report.js';
import { isPhasePlugin, readyPlugin, type ReadyPlugin } from '../plugins/options.js';
import { orderPlugins } from '../plugins/order.js';
import { clonePlain } from '../validation/plain.js';
import { loadValidator } from '../validation/validator.js';
import { createFoundation, type Foundation } from './foundation.js';
import { ForgeKernel } from './kernel.js';
import type { CreateKernelOptions, Kernel } from './types.js';

/**
 * Boot a kernel: load and merge the config, load, check and order the plugins, apply them, check everything. All
 * problems of the config are told at once.
 *
 * Plugins that give phases are applied last, after `modifyConfig`: a tap of it may still change the pipeline and the
 * options of phases (not `plugins` and `options`, which have been used by then).
 *
 * @throws ForgeError AF_CONFIG_NOT_FOUND, AF_CONFIG_LOAD, AF_CONFIG_INVALID, AF_PLUGIN_CYCLE, AF_PLUGIN_APPLY,
 * AF_PLUGIN_DUPLICATE, AF_PLUGIN_HOOK
 */
export async function createKernel(options: CreateKernelOptions): Promise<Kernel> {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const importer = createImporter(options.modules ?? {});
  const validator = await loadValidator();
  const loaded = await loadConfig(options, importer, report);
  requireConfig(loaded, options);
  const builtins = new Map((options.builtins ?? []).map((builtin) => [builtin.name, builtin]));
  const full = options.scope !== 'storage';
  const wanted = ({ point }: { point: string }): boolean =>
    full || point === REGISTRY.id || point === STORAGE.id;
  const merged = full ? loaded : { plugins: loaded.plugins, pipeline: null };
  const set = await collectPlugins(merged, { importer, builtins, report }, wanted);
  const foundation = await createFoundation(options, validator);
  const boot = { options, loaded, set, foundation, full, problems, report };
  try {
    return await bootKernel(boot);
  } catch (error) {
    foundation.points.clear();
    throw error;
  }
}

interface Boot {
  readonly options: CreateKernelOptions;
  readonly loaded: LoadedConfig;
  readonly set: PluginSet;
  readonly foundation: Foundation;
  readonly full: boolean;
  readonly problems: Problem[];
  readonly report: Report;
}

async function bootKernel(boot: Boot): Promise<Kernel> {
  const { loaded, foundation, full } = boot;
  const early = orderPlugins(checkBeforeApplying(boot), pluginOf);
  await applyPlugins(early, foundation);
  const config = await modifiedConfig(boot);
  checkConfig(config, loaded.provenance, foundation.validator, boot.report);
  const phases = full ? checkPhases(boot, config) : [];
  stopOnProblems(boot);
  const late = orderPlugins(phases, pluginOf);
  await applyPlugins(late, foundation);
  const plugins = [...early, ...late];
  const pipeline = full ? pipelineOf(boot, config, plugins) : [];
  if (full) checkImplementations(boot, config);
  stopOnProblems(boot);
  const kernel = new ForgeKernel({ ...boot, plugins, ...settle(boot, config, plugins, pipeline) });
  await foundation.hooks.onPluginsReady.promise(kernel.config);
  return kernel;
}

const pluginOf = ({ plugin }: ReadyPlugin): Plugin => plugin;

/** Plugins that give no phases, with checked options. When anything is wrong with them, everything else is checked too. */
function checkBeforeApplying(boot: Boot): ReadyPlugin[] {
  const { set, loaded, foundation, report } = boot;
  const ready = readyPlugins(boot, loaded.config, (plugin) => !isPhasePlugin(plugin));
  if (boot.full)
    checkKeys('options', set.plugins, { config: loaded.config, provenance: loaded.provenance, report });
  if (boot.problems.length === 0) return ready;
  checkConfig(loaded.config, loaded.provenance, foundation.validator, report);
  if (boot.full) checkPhases(boot, loaded.config);
  stopOnProblems(boot);
  return ready;
}

function checkPhases(boot: Boot, config: Readonly<Record<string, unknown>>): ReadyPlugin[] {
  const { set, loaded, report } = boot;
  checkKeys('phases', set.plugins, { config, provenance: loaded.provenance, report });
  checkPipelineNames(pipelineNames(boot, config), set.plugins, report);
  return readyPlugins(boot, config, isPhasePlugin);
}

function readyPlugins(
  { set, loaded, foundation, report }: Boot,
  config: Readonly<Record<string, unknown>>,
  which: (plugin: LoadedPlugin) => boolean,
): ReadyPlugin[] {
  const world = { config, provenance: loaded.provenance, validator: foundation.validator, report };
  return set.plugins
    .filter(which)
    .map((plugin) => readyPlugin(plugin, world))
    .filter((ready) => ready !== null);
}

/** The config after `modifyConfig`: taps see `plugins` and `pipeline` as names. */
async function modifiedConfig({ set, loaded, foundation }: Boot): Promise<Record<string, unknown>> {
  const before = {
    ...clonePlain(loaded.config),
    plugins: set.plugins.filter(({ listed }) => listed).map(({ plugin }) => plugin.name),
    pipeline: set.pipeline.map(({ name }) => name),
  };
  const after = await foundation.hooks.modifyConfig.promise(clonePlain(before));
  for (const { at } of differences(before, after)) loaded.provenance.set(at, 'modifyConfig');
  const fixed = differences([before.plugins, loaded.config['options']], [after['plugins'], after['options']]);
  if (fixed.length === 0) return after;
  throw new ForgeError(
    'AF_CONFIG_INVALID',
    'A modifyConfig tap changed `plugins` or `options`, which are in use by then.',
    {
      at: 'hook modifyConfig',
      fix: 'Change `pipeline`, `phases` and the other settings there; set plugins and their options in the config.',
    },
  );
}

function pipelineNames({ set }: Boot, config: Readonly<Record<string, unknown>>): PipelineEntry[] {
  const names = config['pipeline'];
  if (!Array.isArray(names)) return [...set.pipeline];
  return names.map((name, index) => {
    const known = set.pipeline.find((entry) => entry.name === name);
    return known ?? { name: String(name), at: `pipeline[${index}]`, layer: 'modifyConfig' };
  });
}

/** Phases in order with their options; each must be provided by now. */
function pipelineOf(
  boot: Boot,
  config: Readonly<Record<string, unknown>>,
  plugins: readonly ReadyPlugin[],
): ResolvedConfig['pipeline'] {
  const known = boot.foundation.points.names(PHASE);
  return pipelineNames(boot, config).map(({ name, at, layer }) => {
    if (!known.includes(name)) boot.report(unknownName('phase', name, known, at, layer));
    return { name, options: plugins.find(({ plugin }) => plugin.name === name)?.options ?? {} };
  });
}

function checkImplementations(
  { foundation, loaded, report }: Boot,
  config: Readonly<Record<string, unknown>>,
): void {
  const { points } = foundation;
  const check = <T>(token: Token<T>, name: unknown, at: string): void => {
    const known = points.names(token);
    const layer = layerOf(at, loaded.provenance);
    // A default that nobody provides is missed when somebody asks for it.
    if (typeof name !== 'string' || known.includes(name) || layer === 'defaults') return;
    report(unknownName(token.id, name, known, at, layer));
  };
  check(ENGINE, config['engine'], 'engine');
  check(REGISTRY, config['registry'], 'registry');
  const sinks = config['sinks'];
  if (Array.isArray(sinks)) sinks.forEach((name, index) => check(SINK, name, `sinks[${index}]`));
}

function settle(
  boot: Boot,
  config: Readonly<Record<string, unknown>>,
  plugins: readonly ReadyPlugin[],
  pipeline: ResolvedConfig['pipeline'],
) {
  const phases = new Set(pipeline.map(({ name }) => name));
  const listed = plugins.filter(({ plugin, mentioned }) => mentioned && !phases.has(plugin.name));
  const resolved = resolvedConfig(config, listed, pipeline);
  const bystanders = new Set(plugins.filter(isBystander).map(({ plugin }) => plugin.name));
  const relevant = relevantConfig(resolved, (name) => bystanders.has(name));
  boot.foundation.preferred = { [ENGINE.id]: resolved.engine, [REGISTRY.id]: resolved.registry };
  return {
    config: resolved,
    relevant,
    configHash: hashConfig(relevant),
    sinks: sinksOf(resolved, boot, plugins),
  };
}

const STORES_OR_SHOWS: ReadonlySet<string> = new Set([SINK.id, REGISTRY.id, STORAGE.id, TERMINAL.id]);

/** Whether a plugin only stores or shows: it cannot change a result. */
function isBystander({ plugin }: ReadyPlugin): boolean {
  const { provides = [] } = plugin;
  return provides.length > 0 && provides.every((point) => STORES_OR_SHOWS.has(point));
}

/** Sinks to open: those configured, else the usual ones and those of plugins that the config mentions. */
function sinksOf(
  config: ResolvedConfig,
  { foundation }: Boot,
  plugins: readonly ReadyPlugin[],
): readonly string[] {
  if (config.sinks !== null) return config.sinks;
  const known = foundation.points.names(SINK);
  const mentioned = new Set(
    plugins
      .filter((plugin) => plugin.mentioned)
      .flatMap(({ plugin }) => foundation.points.providedBy(plugin.name)),
  );
  return known.filter((name) => DEFAULT_SINKS.includes(name) || mentioned.has(`${SINK.id}:${name}`));
}

function stopOnProblems({ problems, loaded, options }: Boot): void {
  if (problems.length === 0) return;
  const fix = `Mend ${loaded.file ?? 'the config'}; \`agentforge config\` shows what each layer sets.`;
  const bare = (options.builtins ?? []).length === 0;
  const unknown = problems.some(({ message }) => message.startsWith('unknown '));
  throw problemsError(
    'AF_CONFIG_INVALID',
    'The configuration',
    problems,
    bare && unknown ? `${BARE_KERNEL} ${fix}` : fix,
  );
}

const BARE_KERNEL =
  'createKernel was given no built-in plugins (`builtins`) and knows only what the config lists: openProject of agentforge opens a config with all of them.';

function requireConfig({ file }: LoadedConfig, { config, preset, cwd }: CreateKernelOptions): void {
  if (file !== null || config !== undefined || preset !== undefined) return;
  throw new ForgeError('AF_CONFIG_NOT_FOUND', `There is no agentforge config in ${resolve(cwd)}.`, {
    at: resolve(cwd),
    fix: `Run \`agentforge init\`, or name one with --config or --preset. Looked for ${SEARCH_PLACES.slice(0, 3).join(', ')} and so on.`,
  });
}
