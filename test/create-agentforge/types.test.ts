import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFiles } from '../../create-agentforge/project.js';
import { PRESET_NAMES } from '../../create-agentforge/request.js';
import { projectFolder, RESOLUTIONS, typeErrors, writeFiles } from '../support/type-check.js';

jest.setTimeout(120_000);

let folder: ReturnType<typeof projectFolder>;
beforeAll(() => void (folder = projectFolder()));
afterAll(() => folder.remove());

const resolutions = Object.keys(RESOLUTIONS) as (keyof typeof RESOLUTIONS)[];

/** What a program writes to import each entry that has code. */
function entries(): string[] {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, unknown>;
  };
  return Object.keys(exports)
    .filter((entry) => typeof exports[entry] === 'object')
    .map((entry) => entry.replace(/^\./, 'agentforge'));
}

/** A created project. @returns its programs, by their path from the folder */
function created(preset: string): string[] {
  const project = join(folder.path, preset);
  const files = projectFiles({ folder: project, cwd: folder.path, preset, format: 'ts', agentforge: null });
  writeFiles(project, files);
  return [...files.keys()].filter((file) => file.endsWith('.ts')).map((file) => join(preset, file));
}

/** A program that imports every entry, and compiles only when each has types: one without is `any`. */
function importsOfAll(): string {
  return entries()
    .map((entry, i) =>
      [
        `import * as entry${i} from '${entry}';`,
        `export const used${i} = entry${i};`,
        '// @ts-expect-error there is no such export',
        `entry${i}.isNotThere;`,
      ].join('\n'),
    )
    .join('\n');
}

test.each(resolutions)('created projects and all entries compile as %s finds modules', (resolution) => {
  expect(entries().length).toBeGreaterThanOrEqual(5);
  const projects = PRESET_NAMES.flatMap(created);
  expect(projects).toHaveLength(3 * PRESET_NAMES.length);
  writeFiles(folder.path, [
    ['entries.ts', importsOfAll()],
    ['wrong.ts', "import { ties } from 'agentforge/plugins';\nexport const wrong = ties({ densty: 1 });\n"],
  ]);
  const problems = typeErrors(folder.path, ['entries.ts', 'wrong.ts', ...projects], resolution);
  // The mistake shows that mistakes are found.
  expect(problems).toEqual([expect.stringMatching(/^wrong\.ts\(2,.*densty/s)]);
});
