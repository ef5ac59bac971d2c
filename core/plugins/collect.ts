import type { Problem } from '../../errors/index.js';
import type { LayerContent, MergedLayers } from '../config/merge.js';
import type { Report } from '../validation/report.js';
import { flattenEntries } from './entries.js';
import { fromBuiltin, loadPlugin, type LoadedPlugin, type LoadWorld } from './load.js';

/** Every plugin that takes part, each name once, and the phases in order. */
export interface PluginSet {
  /** Built-in plugins first, then the config's in the order they are listed. */
  readonly plugins: readonly LoadedPlugin[];
  readonly pipeline: readonly PipelineEntry[];
}

export interface PipelineEntry {
  readonly name: string;
  readonly at: string;
  readonly layer: string;
}

/**
 * Load what `plugins` and `pipeline` name, and the built-in plugins that nobody replaced.
 * @param wanted which built-in plugins to load besides those named
 */
export async function collectPlugins(
  merged: Pick<MergedLayers, 'plugins' | 'pipeline'>,
  world: LoadWorld,
  wanted: (builtin: { readonly name: string; readonly point: string }) => boolean,
): Promise<PluginSet> {
  const listed = new Map<string, LoadedPlugin>();
  for (const { entries, layer } of merged.plugins) await addLayer(entries, layer, listed, world);
  const pipeline = merged.pipeline === null ? [] : await addPipeline(merged.pipeline, listed, world);
  const rest = [...world.builtins.values()].filter((builtin) => !listed.has(builtin.name) && wanted(builtin));
  const builtins = await Promise.all(
    rest.map((builtin) => fromBuiltin(builtin, {}, `options.${builtin.name}`, world, false)),
  );
  return { plugins: [...builtins.filter((loaded) => loaded !== null), ...listed.values()], pipeline };
}

/** A plugin of a higher layer takes the place of one of the same name below; within a layer that is a mistake. */
async function addLayer(
  entries: unknown,
  layer: LayerContent,
  listed: Map<string, LoadedPlugin>,
  world: LoadWorld,
): Promise<void> {
  const here = new Map<string, string>();
  for (const request of flattenEntries(entries, 'plugins', reportOf(world, layer))) {
    const loaded = await loadPlugin(request, originOf(layer), worldOf(world, layer));
    if (loaded === null) continue;
    const { name } = loaded.plugin;
    const twin = here.get(name);
    if (twin !== undefined) world.report(listedTwice(name, request.at, twin, layer.name));
    here.set(name, request.at);
    listed.set(name, loaded);
  }
}

async function addPipeline(
  { entries, layer }: { readonly entries: unknown; readonly layer: LayerContent },
  listed: Map<string, LoadedPlugin>,
  world: LoadWorld,
): Promise<PipelineEntry[]> {
  const phases: PipelineEntry[] = [];
  for (const request of flattenEntries(entries, 'pipeline', reportOf(world, layer))) {
    const { at } = request;
    const already = request.kind === 'named' ? listed.get(request.use) : undefined;
    const loaded =
      already === undefined || request.kind === 'instance'
        ? await loadPlugin(request, originOf(layer), worldOf(world, layer), 'leave')
        : { ...already, plugin: already.plugin.withOptions(request.options) };
    const name = loaded?.plugin.name ?? (request.kind === 'named' ? request.use : null);
    if (name === null) continue;
    const twin = phases.find((phase) => phase.name === name);
    if (twin !== undefined) world.report(listedTwice(name, at, twin.at, layer.name));
    else phases.push({ name, at, layer: layer.name });
    if (loaded !== null) listed.set(name, loaded);
  }
  return phases;
}

function originOf(layer: LayerContent): { layer: string; folder: string } {
  return { layer: layer.name, folder: layer.folder };
}

function worldOf(world: LoadWorld, layer: LayerContent): LoadWorld {
  return { ...world, report: reportOf(world, layer) };
}

/** Passes problems on with the name of the layer in which they stand. */
function reportOf(world: LoadWorld, layer: LayerContent): Report {
  return (problem) => world.report({ ...problem, source: layer.name });
}

function listedTwice(name: string, at: string, twin: string, source: string): Problem {
  return {
    at,
    source,
    message: `"${name}" is listed twice (also at ${twin})`,
    expected: 'each plugin once',
    found: `"${name}" again`,
    fix: 'Take one of them out.',
  };
}
