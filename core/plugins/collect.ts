import type { Problem } from '../../errors/index.js';
import type { LayerContent, MergedLayers } from '../config/merge.js';
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
  wanted: (builtin: BuiltinPlugin) => boolean,
): Promise<PluginSet> {
  const collected: Collected = { listed: new Map(), failed: new Set(), world };
  for (const { entries, layer } of merged.plugins) await addLayer(entries, layer, collected);
  const pipeline = merged.pipeline === null ? [] : await addPipeline(merged.pipeline, collected);
  const { listed, failed } = collected;
  const rest = [...world.builtins.values()]
    .filter(({ name }) => !listed.has(name) && !failed.has(name))
    .filter(wanted);
  const builtins = await Promise.all(
    rest.map((builtin) => fromBuiltin(builtin, {}, `options.${builtin.name}`, world, false)),
  );
  return { plugins: [...builtins.filter((loaded) => loaded !== 'failed'), ...listed.values()], pipeline };
}

interface Collected {
  readonly listed: Map<string, LoadedPlugin>;
  /** Names that stand for something that could not be loaded; a problem says why. */
  readonly failed: Set<string>;
  readonly world: LoadWorld;
}

/** A plugin of a higher layer takes the place of one of the same name below; within a layer that is a mistake. */
async function addLayer(
  entries: unknown,
  layer: LayerContent,
  { listed, failed, world }: Collected,
): Promise<void> {
  const here = new Map<string, string>();
  const report = reportOf(world, layer);
  for (const request of flattenEntries(entries, 'plugins', report)) {
    const loaded = await loadPlugins(request, originOf(layer), { ...world, report });
    if (typeof loaded === 'string') {
      if (request.kind !== 'named') continue;
      if (loaded === 'missing') report(unknownPlugin(request.use, request.at, [...world.builtins.keys()]));
      failed.add(request.use);
      continue;
    }
    for (const each of loaded) {
      const { name } = each.plugin;
      const twin = here.get(name);
      if (twin !== undefined) report(listedTwice(name, request.at, twin));
      here.set(name, request.at);
      listed.set(name, each);
    }
  }
}

/** Phases in order. One that is no plugin of its own may still be provided by another plugin when it is applied. */
async function addPipeline(
  { entries, layer }: { readonly entries: unknown; readonly layer: LayerContent },
  { listed, failed, world }: Collected,
): Promise<PipelineEntry[]> {
  const phases: PipelineEntry[] = [];
  const report = reportOf(world, layer);
  for (const request of flattenEntries(entries, 'pipeline', report)) {
    const { at } = request;
    const loaded = await phasePlugins(request, layer, { listed, failed, world: { ...world, report } });
    if (loaded === 'failed') {
      if (request.kind === 'named') failed.add(request.use);
      continue;
    }
    if (loaded === 'missing' && request.kind === 'named' && Object.keys(request.options).length > 0) {
      report(unknownPlugin(request.use, at, [...listed.keys(), ...world.builtins.keys()]));
      continue;
    }
    const names = typeof loaded === 'string' ? [(request as { readonly use: string }).use] : phasesOf(loaded);
    for (const name of names) {
      const twin = phases.find((phase) => phase.name === name);
      if (twin !== undefined) report(listedTwice(name, at, twin.at));
      else phases.push({ name, at, layer: layer.name });
    }
    if (typeof loaded !== 'string') for (const each of loaded) listed.set(each.plugin.name, each);
  }
  return phases;
}

/** Of a module with several plugins the phases run, in its order; the others take part as if listed in `plugins`. */
function phasesOf(loaded: readonly LoadedPlugin[]): string[] {
  const phases = loaded.filter(isPhasePlugin);
  return (phases.length === 0 ? loaded : phases).map(({ plugin }) => plugin.name);
}

async function phasePlugins(
  request: PluginRequest,
  layer: LayerContent,
  { listed, failed, world }: Collected,
): Promise<readonly LoadedPlugin[] | 'failed' | 'missing'> {
  if (request.kind === 'instance') return loadPlugins(request, originOf(layer), world);
  const already = listed.get(request.use);
  if (already !== undefined) return [{ ...already, plugin: already.plugin.withOptions(request.options) }];
  return failed.has(request.use) ? 'failed' : loadPlugins(request, originOf(layer), world);
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
