import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { layerName } from '../contracts/config.js';
import { ForgeError, nearest, type Problem } from '../errors/index.js';
import { messageOf } from '../errors/message-of.js';
import { describeValue } from '../validation/describe.js';
import { isPlainObject } from '../validation/plain.js';
import type { PresetCatalogue } from '../kernel/types.js';
import type { LayerContent } from './merge.js';
import type { Report } from '../validation/report.js';
import { soundConfig } from './sound.js';

/** Something that can be a layer: content and where it came from. */
export interface LayerSource {
  readonly name: string;
  readonly file: string | null;
  readonly folder: string;
  /** A config, or a function that makes one. */
  readonly content: unknown;
}

export interface LayerWorld {
  readonly base: string;
  readonly presets: PresetCatalogue;
  readonly load: (file: string) => Promise<unknown>;
  readonly report: Report;
}

/**
 * A source as layers, lowest first: what it extends (each in turn, the same way), then itself. Functions are called.
 * What is wrong goes to `world.report`.
 */
export async function expandLayers(
  source: LayerSource,
  world: LayerWorld,
  above: readonly string[] = [],
): Promise<LayerContent[]> {
  const written = await evaluate(source);
  if (!isPlainObject(written)) {
    const at = source.file ?? source.name;
    world.report({
      at,
      message: 'is not a config',
      expected: 'an object, or a function that gives one',
      found: describeValue(written),
      fix: 'Export the config as default: `export default defineConfig({ ... })`.',
    });
    return [];
  }
  const config = soundConfig(written, source.name, world.report);
  const below = await expandExtends(config['extends'], source, world, above);
  return [...below, { name: source.name, file: source.file, folder: source.folder, config }];
}

async function evaluate({ content, name, file }: LayerSource): Promise<unknown> {
  if (typeof content !== 'function') return content;
  try {
    return await (content as () => unknown)();
  } catch (cause) {
    throw new ForgeError('AF_CONFIG_LOAD', `The config function of ${name} failed: ${messageOf(cause)}`, {
      at: file ?? name,
      cause,
      fix: 'Mend the function; the message says what went wrong in it.',
    });
  }
}

async function expandExtends(
  entry: unknown,
  parent: LayerSource,
  world: LayerWorld,
  above: readonly string[],
): Promise<LayerContent[]> {
  if (entry === undefined || entry === null) return [];
  const entries: unknown[] = Array.isArray(entry) ? entry : [entry];
  const layers: LayerContent[] = [];
  for (const [index, each] of entries.entries()) {
    const at = Array.isArray(entry) ? `extends[${index}]` : 'extends';
    const source = await sourceOf(each, at, parent, world);
    if (source === null) continue;
    const key = source.file ?? (typeof each === 'string' ? source.name : null);
    if (key !== null && above.includes(key)) {
      world.report({
        at: `${parent.name}: ${at}`,
        message: `extends itself: ${[...above, key].join(' -> ')}`,
        fix: 'Take one of them out of the circle.',
      });
      continue;
    }
    layers.push(...(await expandLayers(source, world, key === null ? above : [...above, key])));
  }
  return layers;
}

async function sourceOf(
  entry: unknown,
  at: string,
  parent: LayerSource,
  world: LayerWorld,
): Promise<LayerSource | null> {
  if (typeof entry !== 'string')
    return { ...parent, file: null, name: layerName(entry) ?? `${parent.name} ${at}`, content: entry };
  if (isPath(entry)) return fileSource(resolve(parent.folder, entry), world);
  const source = await presetSource(entry, world);
  if (source === null) world.report(unknownPreset(entry, `${parent.name}: ${at}`, world.presets));
  return source;
}

/** A config file as a layer, named by its path relative to the project. */
export async function fileSource(
  file: string,
  world: Pick<LayerWorld, 'base' | 'load'>,
): Promise<LayerSource> {
  return {
    name: relativeName(file, world.base),
    file,
    folder: dirname(file),
    content: await world.load(file),
  };
}

/** A preset of the catalogue as a layer, or null. */
export async function presetSource(
  name: string,
  world: Pick<LayerWorld, 'base' | 'presets'>,
): Promise<LayerSource | null> {
  const load = Object.hasOwn(world.presets, name) ? world.presets[name] : undefined;
  return load === undefined
    ? null
    : { name: `preset ${name}`, file: null, folder: world.base, content: await load() };
}

export function unknownPreset(name: string, at: string, presets: PresetCatalogue): Problem {
  const known = Object.keys(presets);
  const suggestion = nearest(name, known);
  return {
    at,
    message: `unknown preset "${name}"`,
    expected: known.length === 0 ? 'a path (there are no presets)' : `one of ${known.join(', ')}, or a path`,
    found: describeValue(name),
    suggestion,
    fix: suggestion === undefined ? 'Paths start with ./ or /.' : `Write "${suggestion}".`,
  };
}

/** Whether an entry means a file: it starts like a path or ends like a config. */
export function isPath(text: string): boolean {
  return (
    /^\.{1,2}(\/|\\)/.test(text) || isAbsolute(text) || /\.(ts|mts|cts|js|mjs|cjs|json|yaml|yml)$/.test(text)
  );
}

export function relativeName(file: string, base: string): string {
  const path = relative(base, file);
  return path.startsWith('..') ? file : path;
}
