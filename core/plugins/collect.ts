import type { Plugin } from '../contracts/index.js';
import { PHASE } from '../contracts/phase.js';
import type { Problem } from '../errors/index.js';
import type { LayerContent } from '../config/merge.js';
import type { Report } from '../validation/report.js';
import type { BuiltinPlugin } from '../kernel/types.js';
import { flattenEntries, type PluginRequest } from './entries.js';
import { isPhasePlugin } from './options.js';
import { fromBuiltin, loadPlugins, unknownPlugin, type LoadedPlugin, type LoadWorld } from './load.js';

/** Every plugin that takes part, each name once, and the phases in order. */
export interface PluginSet {
  /** Built-in plugins first, then the config's in the order they are listed. */
  readonly plugins: readonly LoadedPlugin[];
  readonly pipeline: readonly PipelineEntry[];
  /** Name of the layer whose pipeline it is. */
  readonly pipelineLayer: string | null;
  /** Options given at entries of `plugins` and `pipeline`, in the order they are written. */
  readonly entries: readonly EntryOptions[];
  /** What reads the options of a plugin. */
  readonly byName: ReadonlyMap<string, { readonly schema: unknown; readonly phase: boolean }>;
  /** Something that is listed could not be loaded; a problem says what. */
  readonly incomplete: boolean;
  /** Whether a layer, naming a plugin, means another one than the one that takes part in the end. */
  meansAnother(name: string, layer: LayerContent): boolean;
}

export interface PipelineEntry {
  readonly name: string;
  readonly at: string;
  readonly layer: string;
}

/** Options at an entry: another way to write `options.<name>` or `phases.<name>`. */
export interface EntryOptions {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** For messages: `pipeline[0] (cognate)`. */
  readonly place: string;
  readonly layer: LayerContent;
}

/**
 * Load what `plugins` and `pipeline` of all layers name, and the built-in plugins that nobody replaced. The pipeline
 * is that of the nearest layer that has one.
 *
 * @param wanted which built-in plugins to load besides those named
 */
export async function collectPlugins(
  layers: readonly LayerContent[],
  world: LoadWorld,
  scope: { readonly wanted: (builtin: BuiltinPlugin) => boolean; readonly pipeline: boolean },
): Promise<PluginSet> {
  const collected: Collected = {
    listed: new Map(),
    failed: new Set(),
    entries: [],
    listings: new Map(),
    world,
  };
  const nearest = layers.findLast(({ config }) => config['pipeline'] !== undefined);
  let pipeline: PipelineEntry[] = [];
  for (const layer of layers) {
    const { plugins: entries, pipeline: phases } = layer.config;
    if (entries !== undefined) await addLayer(entries, layer, collected);
    if (phases === undefined || !scope.pipeline) continue;
    if (layer === nearest) pipeline = await addPipeline(phases, layer, collected);
    else await addReplaced(phases, layer, collected);
  }
  const { listed, failed, entries } = collected;
  const rest = [...world.builtins.values()]
    .filter(({ name }) => !listed.has(name) && !failed.has(name))
    .filter(scope.wanted);
  const builtins = await Promise.all(
    rest.map((builtin) => fromBuiltin(builtin, {}, `options.${builtin.name}`, world, null)),
  );
  const plugins = [...builtins.filter((loaded) => loaded !== 'failed'), ...listed.values()];
  return {
    plugins,
    pipeline,
    pipelineLayer: nearest?.name ?? null,
    entries,
    byName: new Map(plugins.map(({ plugin }) => [plugin.name, readerOf(plugin)])),
    incomplete: failed.size > 0,
    meansAnother: await strangers(layers, collected),
  };
}

function readerOf(plugin: Plugin): { readonly schema: unknown; readonly phase: boolean } {
  return { schema: plugin.optionsSchema, phase: plugin.provides?.includes(PHASE.id) ?? false };
}

interface Collected {
  readonly listed: Map<string, LoadedPlugin>;
  /** Names that stand for something that could not be loaded; a problem says why. */
  readonly failed: Set<string>;
  readonly entries: EntryOptions[];
  /** Who stood for a name from which layer on. */
  readonly listings: Map<string, { readonly layer: LayerContent; readonly plugin: Plugin }[]>;
  readonly world: LoadWorld;
}

/** A plugin of a higher layer takes the place of one of the same name below; within a layer that is a mistake. */
async function addLayer(entries: unknown, layer: LayerContent, collected: Collected): Promise<void> {
  const here = new Map<string, string>();
  const { failed } = collected;
  const world = { ...collected.world, report: reportOf(collected.world, layer) };
  for (const request of flattenEntries(entries, 'plugins', world.report)) {
    const loaded = await loadPlugins(request, originOf(layer), world);
    if (typeof loaded === 'string') {
      failed.add(request.kind === 'named' ? request.use : request.at);
      if (loaded === 'missing' && request.kind === 'named')
        world.report(unknownPlugin(request.use, request.at, [...world.builtins.keys()]));
      continue;
    }
    for (const each of loaded) {
      const { name } = each.plugin;
      const twin = here.get(name);
      if (twin !== undefined) world.report(listedTwice(name, request.at, twin));
      here.set(name, request.at);
      list(each, each.plugin.options, request.at, layer, collected);
    }
  }
}

/** From this layer on the plugin stands for its name; its options are the layer's. */
function list(
  loaded: LoadedPlugin,
  options: EntryOptions['options'],
  at: string,
  layer: LayerContent,
  { listed, entries, listings }: Collected,
): void {
  const { name } = loaded.plugin;
  listed.set(name, { ...loaded, layer: layer.name });
  listings.set(name, [...(listings.get(name) ?? []), { layer, plugin: loaded.plugin }]);
  if (Object.keys(options).length > 0) entries.push({ name, options, place: `${at} (${name})`, layer });
}

/** Phases in order. One that is no plugin of its own may still be provided by another plugin when it is applied. */
async function addPipeline(
  entries: unknown,
  layer: LayerContent,
  collected: Collected,
): Promise<PipelineEntry[]> {
  const phases: PipelineEntry[] = [];
  const report = reportOf(collected.world, layer);
  for (const request of flattenEntries(entries, 'pipeline', report)) {
    const { at } = request;
    for (const name of await addPhases(request, layer, collected, report)) {
      const twin = phases.find((phase) => phase.name === name);
      if (twin !== undefined) report(listedTwice(name, at, twin.at));
      else phases.push({ name, at, layer: layer.name });
    }
  }
  return phases;
}

/** A pipeline that a nearer layer replaces: its order is gone; its plugins and their options still count. */
async function addReplaced(entries: unknown, layer: LayerContent, collected: Collected): Promise<void> {
  const silent: Report = () => undefined;
  for (const request of flattenEntries(entries, 'pipeline', silent)) {
    const bare = request.kind === 'named' && Object.keys(request.options).length === 0;
    if (!bare) await addPhases(request, layer, collected, silent);
  }
}

/**
 * Of a module with several plugins the phases run, in its order; the others take part as if listed in `plugins`.
 * @returns names of phases; none when there are none (a problem says why)
 */
async function addPhases(
  request: PluginRequest,
  layer: LayerContent,
  collected: Collected,
  report: Report,
): Promise<readonly string[]> {
  const { listed, failed, world } = collected;
  const { at } = request;
  const named = request.kind === 'named' ? request : null;
  const already = named === null ? undefined : listed.get(named.use);
  if (named !== null && already !== undefined) {
    list(already, named.options, at, layer, collected);
    return [already.plugin.name];
  }
  if (named !== null && failed.has(named.use)) return [];
  const loaded = await loadPlugins(request, originOf(layer), { ...world, report });
  if (typeof loaded !== 'string') {
    for (const each of loaded) list(each, each.plugin.options, at, layer, collected);
    return phasesOf(loaded);
  }
  if (named === null) return [];
  if (loaded === 'missing' && Object.keys(named.options).length === 0) return [named.use];
  if (loaded === 'missing')
    report(unknownPlugin(named.use, at, [...listed.keys(), ...world.builtins.keys()]));
  failed.add(named.use);
  return [];
}

function phasesOf(loaded: readonly LoadedPlugin[]): string[] {
  const phases = loaded.filter(isPhasePlugin);
  return (phases.length === 0 ? loaded : phases).map(({ plugin }) => plugin.name);
}

/** See {@link PluginSet.meansAnother}. Built-in plugins that were replaced are loaded to be compared. */
async function strangers(
  layers: readonly LayerContent[],
  { listings, world }: Collected,
): Promise<PluginSet['meansAnother']> {
  const builtins = new Map<string, Plugin>();
  for (const name of listings.keys()) {
    const builtin = world.builtins.get(name);
    const loaded = builtin === undefined ? 'failed' : await fromBuiltin(builtin, {}, name, world, null);
    if (loaded !== 'failed') builtins.set(name, loaded.plugin);
  }
  return (name, layer) => {
    const known = listings.get(name);
    if (known === undefined) return false;
    const upTo = layers.indexOf(layer);
    const meant = known.findLast((each) => layers.indexOf(each.layer) <= upTo)?.plugin ?? builtins.get(name);
    return meant !== undefined && !isSame(meant, known.at(-1)!.plugin);
  };
}

function isSame(left: Plugin, right: Plugin): boolean {
  if (left.definition !== undefined || right.definition !== undefined)
    return left.definition === right.definition;
  return left.optionsSchema === right.optionsSchema;
}

function originOf(layer: LayerContent): { layer: string; folder: string } {
  return { layer: layer.name, folder: layer.folder };
}

/** Passes problems on with the name of the layer in which they stand. */
function reportOf(world: LoadWorld, layer: LayerContent): Report {
  return (problem) => world.report({ ...problem, source: layer.name });
}

function listedTwice(name: string, at: string, twin: string): Problem {
  return {
    at,
    message: `"${name}" is listed twice (also at ${twin})`,
    expected: 'each plugin once',
    found: `"${name}" again`,
    fix: 'Take one of them out.',
  };
}
