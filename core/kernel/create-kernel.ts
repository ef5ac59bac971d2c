import { resolve } from 'node:path';
import type { Plugin, ResolvedConfig } from '../contracts/index.js';
import { COMMAND } from '../contracts/command.js';
import { ENGINE } from '../contracts/engine.js';
import { PHASE } from '../contracts/phase.js';
import { REGISTRY } from '../contracts/registry.js';
import { SINK } from '../contracts/sink.js';
import { STORAGE } from '../contracts/storage.js';
import { TERMINAL } from '../contracts/terminal.js';
import { ForgeError, type Problem, problemsError } from '../errors/index.js';
import { createImporter, type Importer } from '../config/importer.js';
import { fillFromEnvironment, loadConfig, type LoadedConfig } from '../config/load-config.js';
import { SEARCH_PLACES } from '../config/search-places.js';
import { differences } from '../config/differences.js';
import { layerOf, mergeParts, type MergedConfig } from '../config/merge.js';
import { partsOf } from '../config/parts.js';
import { soundConfig } from '../config/sound.js';
import { checkConfig, hashConfig, relevantConfig, resolvedConfig } from '../config/resolve.js';
import { applyPlugins } from '../plugins/apply.js';
import { collectPlugins, type PipelineEntry, type PluginSet } from '../plugins/collect.js';
import type { LoadedPlugin } from '../plugins/load.js';
import { DEFAULT_SINKS } from '../config/schema.js';
import { checkKeys, checkPipelineNames, foreseeableNames, unknownName } from '../plugins/names.js';
import { sinksToOpen } from '../plugins/sinks.js';
import type { Report } from '../validation/report.js';
import { isPhasePlugin, readyPlugin, type ReadyPlugin } from '../plugins/options.js';
import { orderPlugins } from '../plugins/order.js';
import { joinPath } from '../validation/path.js';
import { clonePlain } from '../validation/plain.js';
import { loadValidator } from '../validation/validator.js';
import { createFoundation, type Foundation } from './foundation.js';
import { ForgeKernel } from './kernel.js';
import { CONFIG_CALL, type PluginCalls } from './plugin-calls.js';
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
  const foundation = await createFoundation(options, await loadValidator());
  const unsubscribe = options.onStray?.(foundation.calls.blame);
  const deafen = (): void => {
    unsubscribe?.();
    foundation.calls.forget();
  };
  try {
    return await bootKernel(await prepareBoot(options, foundation, deafen));
  } catch (error) {
    // Plugins applied before the one that failed may hold something already.
    await foundation.hooks.onDispose.promise();
    foundation.points.clear();
    deafen();
    throw error;
  }
}

/** Config and plugins loaded, nothing applied. */
async function prepareBoot(
  options: CreateKernelOptions,
  foundation: Foundation,
  deafen: () => void,
): Promise<Boot> {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const { calls } = foundation;
  const importer = trackedImporter(createImporter(options.modules ?? {}), calls);
  const loaded = await calls.wait(CONFIG_CALL, () => loadConfig(options, importer, report));
  requireConfig(loaded, options);
  const builtins = new Map((options.builtins ?? []).map((builtin) => [builtin.name, builtin]));
  const full = options.scope !== 'storage';
  const wanted = ({ point }: { point: string }): boolean =>
    full || point === REGISTRY.id || point === STORAGE.id;
  const world = { importer, builtins, report };
  const set = await collectPlugins(loaded.layers, world, { wanted, pipeline: full });
  const merged = mergeParts(partsOf(loaded.layers, set), loaded.base);
  fillFromEnvironment(merged, options, loaded.base);
  if (set.pipelineLayer !== null) merged.provenance.set('pipeline', set.pipelineLayer);
  return { options, loaded, set, merged, foundation, full, problems, report, deafen };
}

/** Modules of plugins may wait for something at their top level, for ever too. */
function trackedImporter(importer: Importer, calls: PluginCalls): Importer {
  return {
    ...importer,
    importFile: (file) => calls.wait({ plugin: file, what: 'import' }, () => importer.importFile(file)),
  };
}

interface Boot {
  readonly options: CreateKernelOptions;
  readonly loaded: LoadedConfig;
  readonly set: PluginSet;
  readonly merged: MergedConfig;
  readonly foundation: Foundation;
  readonly full: boolean;
  readonly problems: Problem[];
  readonly report: Report;
  readonly deafen: () => void;
}

async function bootKernel(boot: Boot): Promise<Kernel> {
  const { merged, foundation, full } = boot;
  const early = orderPlugins(checkBeforeApplying(boot), pluginOf);
  await applyPlugins(early, foundation);
  const config = await modifiedConfig(boot);
  checkConfig(config, merged.provenance, foundation.validator, boot.report);
  const phases = full ? checkPhases(boot, config) : [];
  stopOnProblems(boot);
  const late = orderPlugins(phases, pluginOf);
  await applyPlugins(late, foundation);
  const plugins = [...early, ...late];
  const pipeline = full ? pipelineOf(boot, config, plugins) : [];
  if (full) checkImplementations(boot, config, (point) => foundation.points.names({ id: point }));
  stopOnProblems(boot);
  const kernel = new ForgeKernel({ ...boot, plugins, ...settle(boot, config, plugins, pipeline) });
  await foundation.hooks.onPluginsReady.promise(kernel.config);
  return kernel;
}

const pluginOf = ({ plugin }: ReadyPlugin): Plugin => plugin;

/** Plugins that give no phases, with checked options. When anything is wrong with them, everything else is checked too. */
function checkBeforeApplying(boot: Boot): ReadyPlugin[] {
  const { set, merged, foundation, report } = boot;
  const { config, provenance } = merged;
  const ready = readyPlugins(boot, config, (plugin) => !isPhasePlugin(plugin));
  if (boot.full) checkKeys('options', set.plugins, { config, provenance, report });
  if (boot.problems.length === 0) return ready;
  checkConfig(config, provenance, foundation.validator, report);
  if (boot.full) {
    checkPhases(boot, config);
    const builtins = boot.options.builtins ?? [];
    checkImplementations(boot, config, (point) => foreseeableNames(point, set.plugins, builtins));
  }
  stopOnProblems(boot);
  return ready;
}

function checkPhases(boot: Boot, config: Record<string, unknown>): ReadyPlugin[] {
  const { set, merged, report } = boot;
  checkKeys('phases', set.plugins, { config, provenance: merged.provenance, report });
  checkPipelineNames(pipelineNames(boot, config), set.plugins, report);
  return readyPlugins(boot, config, isPhasePlugin);
}

function readyPlugins(
  { set, loaded, merged, foundation, report }: Boot,
  config: Record<string, unknown>,
  which: (plugin: LoadedPlugin) => boolean,
): ReadyPlugin[] {
  const { base } = loaded;
  const world = { merged: { ...merged, config }, base, validator: foundation.validator, report };
  return set.plugins
    .filter(which)
    .map((plugin) => readyPlugin(plugin, world))
    .filter((ready) => ready !== null);
}

/** The config after `modifyConfig`: taps see `plugins` and `pipeline` as names, and options in their one place. */
async function modifiedConfig({ set, merged, foundation, report }: Boot): Promise<Record<string, unknown>> {
  const before: Record<string, unknown> = {
    ...clonePlain(merged.config),
    plugins: set.plugins.filter(({ listed }) => listed).map(({ plugin }) => plugin.name),
    pipeline: set.pipeline.map(({ name }) => name),
  };
  const after = await foundation.hooks.modifyConfig.promise(clonePlain(before));
  for (const { at } of differences(before, after)) {
    merged.provenance.set(at, 'modifyConfig');
    merged.places.set(at, at);
  }
  const used = ({ plugins, options, extends: extended }: Record<string, unknown>) => [
    plugins,
    options,
    extended,
  ];
  if (differences(used(before), used(after)).length === 0)
    return { ...soundConfig(after, 'modifyConfig', report) };
  throw new ForgeError(
    'AF_CONFIG_INVALID',
    'A modifyConfig tap changed `plugins`, `options` or `extends`, which are in use by then.',
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

/** @param namesOf names that are provided at an extension point; null when nobody can say before plugins are applied */
function checkImplementations(
  { merged, set, report }: Boot,
  config: Readonly<Record<string, unknown>>,
  namesOf: (point: string) => readonly string[] | null,
): void {
  const check = (point: string, name: unknown, at: string): void => {
    const known = namesOf(point);
    const layer = layerOf(at, merged.provenance);
    // A default that nobody provides is missed when somebody asks for it.
    if (typeof name !== 'string' || name === '' || layer === 'defaults') return;
    if (known === null || known.includes(name)) return;
    const problem = unknownName(point, name, known, at, layer);
    const fix = `${problem.fix ?? ''} Or it comes with a plugin that could not be loaded.`.trim();
    report(set.incomplete ? { ...problem, fix } : problem);
  };
  check(ENGINE.id, config['engine'], 'engine');
  check(REGISTRY.id, config['registry'], 'registry');
  const sinks = config['sinks'];
  if (Array.isArray(sinks)) sinks.forEach((name, index) => check(SINK.id, name, `sinks[${index}]`));
}

function settle(
  boot: Boot,
  config: Readonly<Record<string, unknown>>,
  plugins: readonly ReadyPlugin[],
  pipeline: ResolvedConfig['pipeline'],
) {
  const { points } = boot.foundation;
  const phases = new Set(pipeline.map(({ name }) => name));
  const listed = plugins.filter(({ plugin, mentioned }) => mentioned && !phases.has(plugin.name));
  const configured = config['sinks'] as readonly string[] | null;
  const sinks = sinksToOpen(configured, { ...boot, points, plugins });
  attribute(
    boot.merged.provenance,
    listed,
    { sinks, added: sinks.filter((name) => !(configured ?? DEFAULT_SINKS).includes(name)) },
    points,
  );
  const resolved = resolvedConfig({ ...config, sinks: boot.full ? sinks : configured }, listed, pipeline);
  const bystanders = new Set(plugins.filter(isBystander).map(({ plugin }) => plugin.name));
  const relevant = relevantConfig(resolved, (name) => bystanders.has(name));
  boot.foundation.preferred = { [ENGINE.id]: resolved.engine, [REGISTRY.id]: resolved.registry };
  return { config: resolved, relevant, configHash: hashConfig(relevant), sinks };
}

/** Who put what into the lists that are made of several layers. */
function attribute(
  provenance: Map<string, string>,
  listed: readonly ReadyPlugin[],
  { sinks, added }: { readonly sinks: readonly string[]; readonly added: readonly string[] },
  points: Foundation['points'],
): void {
  for (const [index, ready] of listed.entries()) {
    const { plugin } = ready;
    const base = joinPath(isPhasePlugin(ready) ? 'phases' : 'options', plugin.name);
    const layer = ready.layer ?? provenance.get(base);
    if (layer === undefined) continue;
    provenance.set(`plugins[${index}]`, layer);
    for (const name of points.providedBy(plugin.name)) {
      const sink = added.find((each) => name === `${SINK.id}:${each}`);
      if (sink !== undefined) provenance.set(`sinks[${sinks.indexOf(sink)}]`, layer);
    }
  }
}

const STORES_OR_SHOWS: ReadonlySet<string> = new Set([
  COMMAND.id,
  SINK.id,
  REGISTRY.id,
  STORAGE.id,
  TERMINAL.id,
]);

/** Whether a plugin only stores or shows: it cannot change a result. */
function isBystander({ plugin }: ReadyPlugin): boolean {
  const { provides = [] } = plugin;
  return provides.length > 0 && provides.every((point) => STORES_OR_SHOWS.has(point));
}

function stopOnProblems({ problems, loaded, options }: Boot): void {
  if (problems.length === 0) return;
  const onlySet = problems.every(({ source }) => source === '--set');
  const fix = `Mend ${onlySet ? 'the command line' : (loaded.file ?? 'the config')}; docs/configuration.md has the rules.`;
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
