import type { Static } from '@sinclair/typebox';
import { ConfigSchema, type ConfigSettings } from '../contracts/config-schema.js';
import type { ResolvedConfig } from '../contracts/index.js';
import type { ReadyPlugin } from '../plugins/options.js';
import { freezePlain } from '../validation/plain.js';
import type { Report } from '../validation/report.js';
import type { Validator } from '../validation/validator.js';
import { canonicalJson, sha256 } from './canonical.js';
import { layerOf } from './merge.js';

/** Check the merged config against its schema; problems name the layer that set the value. */
export function checkConfig(
  config: Readonly<Record<string, unknown>>,
  provenance: ReadonlyMap<string, string>,
  validator: Validator,
  report: Report,
): void {
  const { plugins: _plugins, pipeline: _pipeline, ...rest } = config;
  const problems = validator.validate(ConfigSchema, rest, { at: '' });
  for (const problem of problems) report({ ...problem, source: layerOf(problem.at, provenance) });
}

/** The config as stored with every session: plugins and phases with all their options, defaults filled in. */
export function resolvedConfig(
  checked: Readonly<Record<string, unknown>>,
  plugins: readonly Pick<ReadyPlugin, 'plugin' | 'options'>[],
  pipeline: ResolvedConfig['pipeline'],
): ResolvedConfig {
  const config = checked as Static<typeof ConfigSettings>;
  const { seed, engine, registry, sinks, storage, data, gates, cleanup } = config;
  return freezePlain({
    seed,
    plugins: plugins.map(({ plugin, options }) => ({ name: plugin.name, options })),
    pipeline,
    engine,
    registry,
    sinks,
    storage,
    data: { root: data.root, cache: data.cache ?? `${storage.root}/cache` },
    gates,
    cleanup,
  });
}

/**
 * What can change a result, and therefore what a resumed session must still have: everything but where things are
 * stored and shown, what is cleaned up, and what a missed target does.
 * @param bystander whether a plugin only stores or shows
 */
export function relevantConfig(
  config: ResolvedConfig,
  bystander: (plugin: string) => boolean,
): Readonly<Record<string, unknown>> {
  const { seed, pipeline, engine, data } = config;
  const plugins = config.plugins.filter(({ name }) => !bystander(name));
  return {
    seed,
    engine,
    data: { root: data.root },
    pipeline: Object.fromEntries(pipeline.map(({ name, options }) => [name, options])),
    order: pipeline.map(({ name }) => name),
    plugins: Object.fromEntries(plugins.map(({ name, options }) => [name, options])),
  };
}

export function hashConfig(relevant: Readonly<Record<string, unknown>>): string {
  return sha256(canonicalJson(relevant));
}
