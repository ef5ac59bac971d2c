export type ConfigFormat = 'ts' | 'json' | 'yaml';

const TEMPLATES: Readonly<Record<ConfigFormat, (preset: string) => string>> = {
  ts: (preset) => {
    const factory = preset.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    return `import { defineConfig } from 'agentforge';
import { ${factory} } from 'agentforge/presets';

export default defineConfig({
  // The configuration this one builds on; what stands below wins over it.
  extends: [${factory}()],
  // Seed of every random stream: the same seed gives the same models.
  seed: 42,
  // Options by phase name, for example { cognate: { maxSteps: 500 } }. "agentforge plugins cognate" lists them.
  phases: {},
});
`;
  },
  json: (preset) => `${JSON.stringify({ extends: [preset], seed: 42, phases: {} }, null, 2)}\n`,
  yaml: (preset) => `# The configuration this one builds on; what stands below wins over it.
extends: [${preset}]
# Seed of every random stream: the same seed gives the same models.
seed: 42
# Options by phase name. "agentforge plugins cognate" lists those of the phase cognate.
phases: {}
`,
};

/** A config file to start from: a preset with room for one's own values. */
export function configTemplate(preset: string, format: ConfigFormat): string {
  return TEMPLATES[format](preset);
}
