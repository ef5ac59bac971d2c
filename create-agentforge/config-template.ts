/** Languages a config can be written in. */
export const CONFIG_FORMATS = ['ts', 'json', 'yaml'] as const;
export type ConfigFormat = (typeof CONFIG_FORMATS)[number];

/** Where an editor finds the JSON Schema of a config, seen from the config. */
const SCHEMA = './node_modules/agentforge/schemas/config.schema.json';

/** A plugin that lies beside the config. */
export interface LocalPlugin {
  /** What its file exports. */
  readonly factory: string;
  /** Path from the config's folder. */
  readonly file: string;
}

const TEMPLATES: Readonly<Record<ConfigFormat, (preset: string, plugin: LocalPlugin | null) => string>> = {
  ts: typescript,
  json: (preset, plugin) => `${JSON.stringify({ $schema: SCHEMA, ...settings(preset, plugin) }, null, 2)}\n`,
  yaml,
};

/**
 * A config file to start from: a preset with room for one's own values.
 *
 * @param plugin listed in the config; default: none
 */
export function configTemplate(
  preset: string,
  format: ConfigFormat,
  plugin: LocalPlugin | null = null,
): string {
  return TEMPLATES[format](preset, plugin);
}

function settings(preset: string, plugin: LocalPlugin | null): object {
  return {
    extends: [preset],
    ...(plugin === null ? {} : { plugins: [plugin.file] }),
    seed: 42,
    phases: {},
  };
}

function typescript(preset: string, plugin: LocalPlugin | null): string {
  const factory = preset.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const imported = plugin === null ? '' : `import { ${plugin.factory} } from '${plugin.file}';\n`;
  const listed =
    plugin === null
      ? ''
      : `  // Plugins of your own, beside the built-in ones. "agentforge plugins" lists them all.
  plugins: [${plugin.factory}()],
`;
  return `import { defineConfig } from 'agentforge';
import { ${factory} } from 'agentforge/presets';
${imported}
export default defineConfig({
  // The configuration this one builds on; what stands below wins over it.
  extends: [${factory}()],
${listed}  // Seed of every random stream: the same seed gives the same models.
  seed: 42,
  // Options by phase name, for example { cognate: { maxSteps: 500 } }. "agentforge plugins cognate" lists them.
  phases: {},
});
`;
}

function yaml(preset: string, plugin: LocalPlugin | null): string {
  const listed =
    plugin === null
      ? ''
      : `# Plugins of your own, beside the built-in ones. "agentforge plugins" lists them all.
plugins: [${plugin.file}]
`;
  return `# yaml-language-server: $schema=${SCHEMA}
# The configuration this one builds on; what stands below wins over it.
extends: [${preset}]
${listed}# Seed of every random stream: the same seed gives the same models.
seed: 42
# Options by phase name. "agentforge plugins cognate" lists those of the phase cognate.
phases: {}
`;
}
