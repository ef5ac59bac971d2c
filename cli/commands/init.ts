import { Option } from '../commander.js';
import { ForgeError } from '../../core/errors/index.js';
import { defineCommand } from '../command.js';
import { addJsonFlag } from '../config-flags.js';
import type { ConfigFormat } from '../../create-agentforge/config-template.js';

interface InitFlags {
  readonly format: ConfigFormat;
  readonly preset: string;
  readonly force?: boolean;
}

export const command = defineCommand<InitFlags>({
  configure(command) {
    addJsonFlag(command)
      .addOption(
        new Option('--format <format>', 'language of the file').choices(['ts', 'json', 'yaml']).default('ts'),
      )
      .option('-p, --preset <name>', 'preset to start from', 'quickstart')
      .option('--force', 'overwrite a config file that is there');
  },
  async run(context, flags) {
    const [{ PRESETS }, { configTemplate }, { writeConfig }] = await Promise.all([
      import('../../presets/catalogue.js'),
      import('../../create-agentforge/config-template.js'),
      import('../init/write-config.js'),
    ]);
    const known = Object.keys(PRESETS);
    if (!known.includes(flags.preset)) throw await unknownPreset(flags.preset, known);
    const content = configTemplate(flags.preset, flags.format);
    const file = await writeConfig(
      context.io.cwd,
      `agentforge.config.${flags.format}`,
      content,
      flags.force === true,
    );
    return {
      document: { file, preset: flags.preset, format: flags.format },
      lasting: true,
      text: () => `Wrote ${file}.\nRun it with: agentforge run\n`,
    };
  },
});

async function unknownPreset(name: string, known: readonly string[]): Promise<ForgeError> {
  const { nearest } = await import('../../core/errors/index.js');
  const suggestion = nearest(name, known);
  return new ForgeError('AF_USAGE', `There is no preset "${name}".`, {
    at: '--preset',
    fix: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}Presets: ${known.join(', ')}.`,
    facts: { preset: name, known, suggestion: suggestion ?? null },
  });
}
