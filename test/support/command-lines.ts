import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCHMARKS } from '../../bench/catalogue.js';
import { configWords, type ConfigFlags } from '../../cli/config-flags.js';
import { parse } from '../../cli/program.js';
import { readRequest } from '../../create-agentforge/request.js';
import { isForgeError } from '../../core/errors/index.js';
import { Recorder } from './recorder.js';
import type { ShellCommand } from './shell-lines.js';

/** A command line of `agentforge`, without the program's name. */
export type Argv = readonly string[];

/** What follows `agentforge` or `npx agentforge`; null for another program. */
export function agentforgeWords(words: ShellCommand): Argv | null {
  const [program, ...rest] = words[0] === 'npx' ? words.slice(1) : words;
  return program === 'agentforge' ? rest : null;
}

/**
 * Check a command line of `agentforge` with its own parser, and that files and benchmarks it names are there.
 *
 * @param partial whether arguments and values may be missing, as in running text
 * @returns its flags, or null when it asks for help
 * @throws ForgeError AF_USAGE as the command would
 */
export async function checkAgentforge(argv: Argv, partial = false): Promise<ConfigFlags | null> {
  const output = { stdout: new Recorder(), columns: 100 };
  try {
    const parsed = await parse(argv, output, '0.0.0');
    const flags = (parsed?.flags ?? {}) as ConfigFlags;
    if (flags.config !== undefined && /^\w+\//.test(flags.config)) mustExist(flags.config);
    const [benchmark] = argv[0] === 'bench' ? (parsed?.args ?? []) : [];
    const known = BENCHMARKS.map(({ name }) => name);
    if (benchmark !== undefined && !/^</.test(benchmark) && !known.includes(benchmark))
      throw new Error(`there is no benchmark ${benchmark}`);
    return parsed === null ? null : flags;
  } catch (error) {
    if (partial && isForgeError(error) && /missing|not specified|not of the form/.test(error.message))
      return null;
    throw error;
  }
}

/** The command line that shows the configuration that another one runs with. */
export function configOf(flags: ConfigFlags): Argv {
  return ['config', ...configWords({ ...flags, config: undefined })];
}

/** Programs of a shell line other than agentforge. @throws Error when it names what is not there */
export function checkProgram(words: ShellCommand): void {
  const [program = '', ...rest] = words;
  const check = PROGRAMS[program];
  if (check !== undefined) check(rest);
  else if (program.includes('/')) mustExist(program);
  else throw new Error(`no test knows the program "${program}": ${words.join(' ')}`);
}

const PROGRAMS: Readonly<Record<string, (rest: readonly string[]) => void>> = {
  cd: () => undefined,
  mkdir: () => undefined,
  npm: checkNpm,
  node: (rest) => rest.filter((word) => /\.[mc]?[jt]s$/.test(word)).forEach(mustExist),
  npx: ([tool = '', ...rest]) => {
    mustExist(join('node_modules', '.bin', tool));
    rest.filter((word) => /^\w+\//.test(word)).forEach(mustExist);
  },
};

function checkNpm([verb = '', ...rest]: readonly string[]): void {
  if (verb === 'run') checkScript(rest[0] ?? '');
  else if (verb === 'test') checkScript(verb);
  else if (verb === 'create' || verb === 'init') checkCreate(rest);
  else if (!['ci', 'install', 'config'].includes(verb)) throw new Error(`no test knows npm ${verb}`);
}

function checkScript(name: string): void {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  if (scripts[name] === undefined) throw new Error(`package.json has no script "${name}"`);
}

function checkCreate([initializer, ...rest]: readonly string[]): void {
  if (initializer !== 'agentforge') throw new Error(`no test knows npm create ${initializer ?? ''}`);
  const split = rest.indexOf('--');
  const own = split < 0 ? rest : [...rest.slice(0, split), ...rest.slice(split + 1)];
  const kept = (split < 0 ? rest : rest.slice(0, split)).find((word) => word.startsWith('-'));
  if (kept !== undefined) throw new Error(`npm keeps ${kept} for itself: write -- before it`);
  readRequest(own, {});
}

function mustExist(path: string): void {
  if (!existsSync(path)) throw new Error(`there is no ${path}`);
}
