import { InvalidArgumentError, Option, type Command } from './commander.js';
import { parseOverride } from '../core/config/overrides.js';
import type { ConfigOverride } from '../core/kernel/types.js';

/** Flags of every command that reads the configuration. */
export interface ConfigFlags {
  readonly config?: string;
  readonly preset?: string;
  readonly set?: readonly ConfigOverride[];
  readonly seed?: number;
  readonly policy?: 'strict' | 'research';
}

/** How a model is named, in help texts of commands that take one. */
export const MODEL_ARGUMENT =
  'a model: its name (the newest), id, `session:name`, `latest`, or a folder (`./out`)';

export function addConfigFlags(command: Command): Command {
  return command
    .option('-c, --config <file>', 'config file (default: searched from here upwards)')
    .option('-p, --preset <name>', 'start from a preset; without --config it stands in for the config file')
    .addOption(
      new Option('--set <path=value>', 'set a config value, over everything else; repeatable').argParser(
        collectOverride,
      ),
    );
}

export function addJsonFlag(command: Command): Command {
  return command.option('--json', 'print one JSON document');
}

/** Everything the flags set in the configuration, `--set` last. */
export function overridesOf(flags: ConfigFlags): readonly ConfigOverride[] {
  const overrides: ConfigOverride[] = [];
  if (flags.seed !== undefined) overrides.push({ path: 'seed', value: flags.seed });
  if (flags.policy !== undefined) overrides.push({ path: 'gates.policy', value: flags.policy });
  return [...overrides, ...(flags.set ?? [])];
}

/** The words that lead any command to the same configuration. */
export function configWords(flags: ConfigFlags): readonly string[] {
  const words: string[] = [];
  if (flags.config !== undefined) words.push('--config', flags.config);
  if (flags.preset !== undefined) words.push('--preset', flags.preset);
  for (const { path, value } of flags.set ?? []) {
    words.push('--set', `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  return words;
}

/** Words as one would type them: quoted where a shell would take them apart. */
export function shellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

/** Commander's parser of a whole number. */
export function parseInteger(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || text.trim() === '' || value < least) {
      throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** Commander's parser of a number within bounds, both included. */
export function parseNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most)) {
      const range = Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}`;
      throw new InvalidArgumentError(`Expected a number ${range}.`);
    }
    return value;
  };
}

function collectOverride(
  text: string,
  previous: readonly ConfigOverride[] | undefined,
): readonly ConfigOverride[] {
  return [...(previous ?? []), parseOverride(text)];
}
