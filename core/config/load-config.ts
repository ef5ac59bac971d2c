import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { CreateKernelOptions } from '../kernel/types.js';
import type { Report } from '../validation/report.js';
import type { Importer } from './importer.js';
import {
  expandLayers,
  fileSource,
  presetSource,
  relativeName,
  unknownPreset,
  type LayerSource,
} from './layers.js';
import { loadConfigFile } from './load-file.js';
import type { LayerContent, MergedConfig } from './merge.js';
import { overridesLayer } from './overrides.js';
import { CONFIG_DEFAULTS } from './schema.js';
import { searchConfig } from './search.js';

/** Environment variable with the folder of the datasets, for configs that name none. */
const DATA_VARIABLE = 'AGENTFORGE_DATA';

export interface LoadedConfig {
  /** Absolute path of the config file; null without one. */
  readonly file: string | null;
  /** Folder that relative folders of the config start from: of the file found, else the working folder. */
  readonly base: string;
  /** Lowest first. */
  readonly layers: readonly LayerContent[];
}

type Options = Pick<
  CreateKernelOptions,
  'cwd' | 'config' | 'configPath' | 'preset' | 'presets' | 'overrides' | 'env'
>;

/**
 * Find and load every layer: defaults, preset, extended configs, config, `--set`. A file that the search found makes
 * its folder the project; a config given by value or path leaves that to the working folder.
 * @throws ForgeError AF_CONFIG_NOT_FOUND, AF_CONFIG_LOAD
 */
export async function loadConfig(
  options: Options,
  importer: Importer,
  report: Report,
): Promise<LoadedConfig> {
  const presets = options.presets ?? {};
  const load = (file: string): Promise<unknown> => loadConfigFile(file, importer);
  const given = await givenSource(options, load);
  const found =
    given === null && options.preset === undefined ? await searchConfig(resolve(options.cwd), load) : null;
  const base = found === null ? resolve(options.cwd) : dirname(found.file);
  const world = { base, presets, load, report };
  const sources: LayerSource[] = [];
  if (options.preset !== undefined) {
    const preset = await presetSource(options.preset, world);
    if (preset === null) report(unknownPreset(options.preset, '--preset', presets));
    else sources.push(preset);
  }
  if (given !== null) sources.push(given);
  if (found !== null) sources.push({ name: relativeName(found.file, base), ...found, folder: base });
  const layers: LayerContent[] = [{ name: 'defaults', file: null, folder: base, config: CONFIG_DEFAULTS }];
  for (const source of sources)
    layers.push(...(await expandLayers(source, world, source.file === null ? [] : [source.file])));
  const overrides = overridesLayer(options.overrides ?? [], report);
  if (Object.keys(overrides).length > 0)
    layers.push({ name: '--set', file: null, folder: resolve(options.cwd), config: overrides });
  return {
    file: given?.file ?? found?.file ?? null,
    base,
    layers,
  };
}

async function givenSource(
  options: Options,
  load: (file: string) => Promise<unknown>,
): Promise<LayerSource | null> {
  const cwd = resolve(options.cwd);
  if (options.config !== undefined)
    return { name: 'config', file: null, folder: cwd, content: options.config };
  if (options.configPath === undefined) return null;
  return fileSource(resolve(cwd, options.configPath), { base: cwd, load });
}

/** AGENTFORGE_DATA (relative to the working folder) when no layer names a data folder. */
export function fillFromEnvironment(
  { config, provenance }: MergedConfig,
  options: Pick<CreateKernelOptions, 'cwd' | 'env'>,
  base: string,
): void {
  const folder = (options.env ?? process.env)[DATA_VARIABLE];
  const data = config['data'] as { root?: unknown } | undefined;
  if (folder === undefined || folder === '' || typeof data !== 'object' || (data.root ?? null) !== null)
    return;
  const path = isAbsolute(folder) ? folder : relative(base, resolve(options.cwd, folder));
  data.root = path === '' ? '.' : path;
  provenance.set('data.root', DATA_VARIABLE);
}
