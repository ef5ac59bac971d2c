import { parseArgs, types } from 'node:util';
import { CONFIG_FORMATS, type ConfigFormat } from './config-template.js';
import { usage } from './failure.js';

/** Presets of agentforge. It is not installed yet, so the names stand here; a test compares them. */
export const PRESET_NAMES: readonly string[] = ['quickstart', 'smoke', 'seeds-25m'];

/** What the command line asks for. */
export interface Request {
  readonly folder: string;
  readonly preset: string;
  readonly format: ConfigFormat;
  readonly force: boolean;
  /** What package.json asks for as agentforge: a version range, a file, an address. Default: this release. */
  readonly agentforge: string | null;
}

const OPTIONS = {
  preset: { type: 'string', short: 'p', default: 'quickstart' },
  format: { type: 'string', default: 'ts' },
  force: { type: 'boolean', default: false },
  agentforge: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'V', default: false },
} as const;

export const HELP = `Usage: npm create agentforge [folder] -- [options]

Start an agentforge project in a folder (default: this one). Nothing is asked and nothing is installed.

Options:
  -p, --preset <name>   preset to start from: ${PRESET_NAMES.join(', ')} (default: quickstart)
  --format <format>     language of the config: ${CONFIG_FORMATS.join(', ')} (default: ts)
  --force               write into a folder that is not empty, over files of the same names
  --agentforge <spec>   version, file or address of agentforge to depend on (default: this release)
  -V, --version         print the version
  -h, --help            print this help

npm keeps options for itself unless -- stands before them.
`;

/**
 * Read the command line.
 *
 * @param env npm's variables tell of options that it kept for itself
 * @throws Failure with exit code 2
 */
export function readRequest(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Request | 'help' | 'version' {
  const { values, positionals } = parsed(argv);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const [folder = '.', ...others] = positionals;
  const swallowed = ['preset', 'format', 'agentforge'].find(
    (name) => env[`npm_config_${name}`] !== undefined,
  );
  if (swallowed !== undefined) {
    throw usage(
      `npm kept --${swallowed} for itself.`,
      `Write -- before it: npm create agentforge -- --${swallowed} ...`,
    );
  }
  if (others.length > 0)
    throw usage(`One folder is made at a time, and ${positionals.length} are named.`, SEE_HELP);
  return {
    folder,
    preset: oneOf('preset', values.preset, PRESET_NAMES),
    format: oneOf('format', values.format, CONFIG_FORMATS),
    force: values.force,
    agentforge: values.agentforge ?? null,
  };
}

const SEE_HELP = 'See npm create agentforge -- --help.';

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw usage(types.isNativeError(cause) ? cause.message : String(cause), SEE_HELP);
  }
}

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((name) => name === value);
  if (found === undefined)
    throw usage(`There is no ${flag} "${value}".`, `It is one of: ${known.join(', ')}.`);
  return found;
}
