import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configTemplate, type ConfigFormat } from './config-template.js';
import { packageVersion, templateFolder } from './package-root.js';
import { projectName } from './project-name.js';

/** What a project is made of: text by path from its folder. */
export type ProjectFiles = ReadonlyMap<string, string>;

export interface ProjectOptions {
  /** Absolute path; its last part is the project's name. */
  readonly folder: string;
  readonly preset: string;
  readonly format: ConfigFormat;
  /** What to depend on as agentforge; null: this release. */
  readonly agentforge: string | null;
  /** Where paths in `agentforge` start. */
  readonly cwd: string;
}

/** Files of `template/` by the name they get: npm packs neither .npmrc nor .gitignore. */
const COPIED: Readonly<Record<string, string>> = {
  '.gitignore': 'gitignore',
  '.npmrc': 'npmrc',
  'tsconfig.json': 'tsconfig.json',
  'plugins/average.ts': 'plugins/average.ts',
  'plugins/average.test.ts': 'plugins/average.test.ts',
};

const DEVELOPMENT = {
  '@types/node': '^20.19.0',
  tsx: '^4.20.0',
  typescript: '^5.9.0',
};

/**
 * The files of a new project.
 * @throws Failure when the folder's name is none for a package
 */
export function projectFiles({ folder, preset, format, agentforge, cwd }: ProjectOptions): ProjectFiles {
  const name = projectName(folder, ['agentforge', ...Object.keys(DEVELOPMENT)]);
  const config = `agentforge.config.${format}`;
  const wanted = agentforge === null ? `^${packageVersion()}` : fromHere(agentforge, cwd);
  const readme = template('README.md').replaceAll('{{name}}', name).replaceAll('{{config}}', config);
  return new Map([
    ['package.json', `${JSON.stringify(manifest(name, wanted), null, 2)}\n`],
    [config, configTemplate(preset, format, { factory: 'average', file: './plugins/average.ts' })],
    ['README.md', readme],
    ...Object.entries(COPIED).map(([to, from]) => [to, template(from)] as const),
  ]);
}

function template(file: string): string {
  return readFileSync(join(templateFolder(), file), 'utf8');
}

function manifest(name: string, agentforge: string): object {
  return {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    engines: { node: '>=20.19 <21 || >=22.12' },
    scripts: {
      start: 'agentforge run',
      test: 'node --import tsx --test plugins/*.test.ts',
      check: 'tsc',
    },
    dependencies: { agentforge: agentforge },
    devDependencies: DEVELOPMENT,
  };
}

/** A path starts where the command is typed, not in the project. */
function fromHere(spec: string, cwd: string): string {
  return spec.startsWith('file:') ? `file:${resolve(cwd, spec.slice('file:'.length))}` : spec;
}
