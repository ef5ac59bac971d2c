import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = process.cwd();
const COMPILER = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** The two ways in which a program of today finds the modules of a package. */
export const RESOLUTIONS = {
  nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
} as const;

/** A folder in which `agentforge` is installed: this package as it is built. */
export function projectFolder(): { readonly path: string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'agentforge-types-')));
  const modules = join(path, 'node_modules');
  mkdirSync(join(modules, '@types'), { recursive: true });
  symlinkSync(root, join(modules, 'agentforge'));
  for (const name of ['@types/node', '@tensorflow'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  writeFileSync(join(path, 'package.json'), '{ "type": "module", "private": true }');
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Write files, by their path from a folder. */
export function writeFiles(folder: string, files: Iterable<readonly [string, string]>): void {
  for (const [path, text] of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/**
 * What the compiler says against files of a project folder: strictly, and against this package's own declarations, too.
 *
 * @param files paths from the folder
 * @returns one line per error, paths from the folder; errors inside of other packages' declarations are left out
 */
export function typeErrors(
  folder: string,
  files: readonly string[],
  resolution: keyof typeof RESOLUTIONS,
): readonly string[] {
  const compilerOptions = {
    ...RESOLUTIONS[resolution],
    target: 'ES2022',
    lib: ['ES2023'],
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFiles(folder, [['tsconfig.json', JSON.stringify({ compilerOptions, files })]]);
  const arguments_ = [COMPILER, '-p', '.', '--pretty', 'false'];
  const { stdout, stderr, error } = spawnSync(process.execPath, arguments_, {
    cwd: folder,
    encoding: 'utf8',
  });
  if (error !== undefined || stderr !== '') throw error ?? new Error(stderr);
  return stdout
    .split(/\n(?=\S)/)
    .map((problem) => problem.trimEnd())
    .filter((problem) => problem !== '' && !/^\S*node_modules\/(?!agentforge\/)/.test(problem));
}
