import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as agentforge from 'agentforge';
import * as datasets from 'agentforge/datasets';
import * as merges from 'agentforge/merges';
import * as nn from 'agentforge/nn';
import * as phases from 'agentforge/phases';
import * as plugins from 'agentforge/plugins';
import * as presets from 'agentforge/presets';
import { parseAllDocuments } from 'yaml';
import { readRecipe } from '../../tools/merge/index.js';
import * as kit from '../../testing/index.js';
import { recipeWorld } from '../tools/merge/support/world.js';
import { runCli, temporaryFolder, TestIo } from '../support/cli.js';
import {
  agentforgeWords,
  checkAgentforge,
  checkProgram,
  configOf,
  type Argv,
} from '../support/command-lines.js';
import { blocksOf, inlineCodeOf, type Block } from '../support/markdown.js';
import { shellCommands } from '../support/shell-lines.js';
import { runSnippet, type Snippet } from '../support/snippets.js';
import { projectFolder, typeErrors, writeFiles } from '../support/type-check.js';

jest.setTimeout(180_000);

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
  'examples/README.md',
  'create-agentforge/README.md',
];

const KINDS: Readonly<Record<string, 'shell' | 'program' | 'data' | 'output'>> = {
  '': 'shell',
  sh: 'shell',
  bash: 'shell',
  shell: 'shell',
  ts: 'program',
  typescript: 'program',
  js: 'program',
  mjs: 'program',
  javascript: 'program',
  yaml: 'data',
  yml: 'data',
  json: 'data',
  text: 'output',
};

/** How a command ended. */
interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the usual test runners give a test without an import. */
const RUNNER = `declare function test(name: string, run: () => void | Promise<void>): void;
declare function expect(value: unknown): Record<'toBe' | 'toEqual', (expected: unknown) => void>;
`;

const blocks = DOCUMENTS.flatMap(blocksOf);

/** The folder that stands for a document. */
const stemOf = (document: string): string => document.replace(/\.md$/, '');

/** The plugins of examples/, which the plugin guide's tests import as if they lay beside them. */
function exampleFiles(): Snippet[] {
  return readdirSync('examples', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('third-party-'))
    .flatMap(({ name }) =>
      readdirSync(join('examples', name))
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
        .map((file) => ({ file, code: readFileSync(join('examples', name, file), 'utf8') })),
    );
}
const ofKind = (kind: string) =>
  blocks
    .filter(({ language }) => KINDS[language] === kind)
    .map((block) => [`${block.document}:${block.line}`, block] as const);

test('documents are there, and every block is of a kind that is tested', () => {
  expect(blocks.length).toBeGreaterThan(20);
  const unknown = blocks.filter(({ language }) => KINDS[language] === undefined);
  expect(unknown.map(({ document, line, language }) => `${document}:${line} ${language}`)).toEqual([]);
});

describe('programs', () => {
  let folder: ReturnType<typeof projectFolder>;
  let problems: readonly string[];
  /** What the built command says of a block, by command and place. */
  let answers: ReadonlyMap<string, Answer>;
  const programs = ofKind('program');
  const configs = programs.filter(([, { code }]) => code.includes('export default defineConfig('));
  const definitions = programs.filter(([, { code }]) =>
    /^export .*\bdefine(?!Config\b|For\b)[A-Z]\w*\(/m.test(code),
  );

  /** Where a block lies in the project: beside the others of its document. */
  const fileOf = ({ document, line, language, file }: Block): string => {
    const extension = language.endsWith('ts') || language === 'typescript' ? 'ts' : 'mjs';
    return join(stemOf(document), file ?? `line-${line}.${extension}`);
  };

  beforeAll(() => {
    folder = projectFolder();
    const files = programs.map(([, block]) => [fileOf(block), block.code] as const);
    expect(new Set(files.map(([file]) => file)).size).toBe(files.length);
    const neighbours = blocks.filter(({ language, file }) => KINDS[language] === 'data' && file !== null);
    writeFiles(folder.path, [
      ...files,
      ...neighbours.map((block) => [join(stemOf(block.document), block.file!), block.code] as const),
      ...exampleFiles().map(({ file, code }) => [join('docs/plugins', file), code] as const),
      // What the reader is asked to have: a test runner, data of their own, somebody else's plugin.
      ['globals.d.ts', RUNNER],
      ['README/books/one.txt', 'It was a bright cold day in April. '.repeat(2000)],
      [
        'node_modules/agentforge-plugin-x/package.json',
        '{ "name": "agentforge-plugin-x", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
      ],
      [
        'node_modules/agentforge-plugin-x/index.js',
        "import { definePlugin } from 'agentforge';\nexport default definePlugin({ name: 'x', apply() {} });\n",
      ],
    ]);
    for (const entry of readdirSync('examples', { withFileTypes: true }))
      if (entry.isDirectory())
        cpSync(join('examples', entry.name), join(folder.path, 'examples', 'README', entry.name), {
          recursive: true,
        });
    problems = typeErrors(folder.path, ['globals.d.ts', ...files.map(([file]) => file)], 'nodenext');
    for (const [, block] of definitions) {
      const text = `import * as block from './${basename(fileOf(block))}';
const factories = new Set(Object.values(block).filter((value) => typeof value === 'function' && 'pluginName' in value));
export default { plugins: [...factories].map((factory) => factory()) };
`;
      writeFileSync(join(folder.path, dirname(fileOf(block)), configOfBlock(block)), text);
    }
    answers = runCommands([
      ...configs.map(([, block]) => [block, checkOf(block)] as const),
      ...definitions.map(
        ([, block]) => [block, ['plugins', '--json', '--config', configOfBlock(block)]] as const,
      ),
    ]);
  });
  afterAll(() => folder.remove());

  test.each(programs)('%s compiles', (_, block) => {
    expect(problems.filter((problem) => problem.startsWith(`${fileOf(block)}(`))).toEqual([]);
  });

  test('nothing else is wrong with them', () => {
    const known = programs.map(([, block]) => `${fileOf(block)}(`);
    expect(problems.filter((problem) => !known.some((start) => problem.startsWith(start)))).toEqual([]);
  });

  /** The command that checks the config of a block: one without a pipeline shows one setting, and nothing could run. */
  const checkOf = (block: Block): Argv => {
    const check = /extends:|pipeline:/.test(block.code) ? ['--validate'] : [];
    return ['config', ...check, '--config', basename(fileOf(block))];
  };
  /** The config that has all plugins of a block, beside it. */
  const configOfBlock = (block: Block): string => `all-of-${block.line}.config.ts`;

  /** Run the built command, each time in the folder of a block. */
  function runCommands(commands: readonly (readonly [Block, Argv])[]): ReadonlyMap<string, Answer> {
    const lines = commands.map(([block, argv]) => ({ cwd: dirname(join(folder.path, fileOf(block))), argv }));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [resolve('test/support/run-commands.mjs')],
      {
        input: JSON.stringify(lines),
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      },
    );
    if (status !== 0 || stderr !== '')
      throw new Error(`The commands ended with ${String(status)}: ${stderr}`);
    const answered = JSON.parse(stdout) as readonly Answer[];
    expect(answered).toHaveLength(commands.length);
    return new Map(
      commands.map(([{ document, line }, [command]], i) => [`${command} ${document}:${line}`, answered[i]!]),
    );
  }

  test.each(configs)('%s is a config that agentforge takes', (place) => {
    const { exitCode, stdout, stderr } = answers.get(`config ${place}`)!;
    expect({ exitCode, stderr, problems: /cannot run[^]*/.exec(stdout)?.[0] }).toEqual({
      exitCode: 0,
      stderr: '',
    });
  });

  test.each(definitions)('%s is a plugin that a kernel loads', (place, block) => {
    const { exitCode, stdout, stderr } = answers.get(`plugins ${place}`)!;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    // Its own name, or that of what it provides: the plugin of a persona is named after it.
    expect(stdout).toMatch(new RegExp(`[":]${/name: '([^']+)'/.exec(block.code)![1]!}"`));
  });

  const suites = programs.filter(([, { code }]) => /(^|\s)test\(/m.test(code));
  test.each(suites)('%s registers tests, and they pass', async (_, block) => {
    const cases: (() => void | Promise<void>)[] = [];
    const register = (_name: string, run: () => void | Promise<void>) => void cases.push(run);
    runSnippet({ file: block.file ?? 'block.ts', code: block.code }, modulesFor(block, register), {
      test: register,
      expect,
    });
    expect(cases.length).toBeGreaterThan(0);
    // The suite of an engine is long, and its own test runs it.
    if (cases.length < 50) for (const run of cases) await run();
  });

  /** What a block may import: the package, Node's test runner, and its neighbours. */
  function modulesFor({ document }: Block, test: unknown): Record<string, unknown> {
    const own: Record<string, unknown> = {
      agentforge,
      'agentforge/datasets': datasets,
      'agentforge/merges': merges,
      'agentforge/nn': nn,
      'agentforge/phases': phases,
      'agentforge/plugins': plugins,
      'agentforge/presets': presets,
      'agentforge/testing': kit,
      '@tensorflow/tfjs': tf,
      'node:assert/strict': { ...assert, default: assert },
      'node:test': { test },
    };
    const load = (neighbour: Snippet) => runSnippet(neighbour, own);
    for (const example of exampleFiles())
      Object.defineProperty(own, `./${example.file}`, {
        configurable: true,
        enumerable: true,
        get: () => load(example),
      });
    for (const [, neighbour] of programs) {
      if (neighbour.document !== document || neighbour.file === null || neighbour.code.includes('test('))
        continue;
      const stem = `./${neighbour.file.replace(/\.ts$/, '')}`;
      for (const name of [`${stem}.ts`, `${stem}.js`])
        Object.defineProperty(own, name, {
          configurable: true,
          enumerable: true,
          get: () => load({ file: neighbour.file!, code: neighbour.code }),
        });
    }
    return own;
  }
});

describe('data', () => {
  let recipes: Awaited<ReturnType<typeof recipeWorld>>;
  beforeAll(async () => {
    recipes = await recipeWorld();
  });
  afterAll(() => recipes.dispose());

  const data = ofKind('data');
  if (data.length > 0)
    test.each(data)('%s is what it looks like', async (_, block) => {
      const value = parseAllDocuments(block.code)[0]!.toJS() as Record<string, unknown>;
      if (['method', 'merge_method'].some((key) => key in value)) {
        expect((await readRecipe(block.code, block.document, recipes.world)).length).toBeGreaterThan(0);
      } else if (block.file === 'package.json') {
        expect(JSON.parse(block.code)).toEqual(value);
      } else {
        const folder = temporaryFolder();
        try {
          const file = block.file ?? `agentforge.config.${block.language === 'json' ? 'json' : 'yaml'}`;
          const neighbours = data.filter(
            ([, other]) => other.document === block.document && other.file !== null,
          );
          writeFiles(folder.path, [
            ...neighbours.map(([, other]) => [other.file!, other.code] as const),
            [file, block.code],
          ]);
          // Without a pipeline it is a part that others build on, and there is nothing that could run.
          const check = 'extends' in value || 'pipeline' in value ? ['--validate'] : [];
          const { exitCode, stderr, stdout } = await runCli(
            ['config', ...check, '--config', file],
            new TestIo(folder.path),
          );
          expect({ exitCode, stderr, stdout }).toMatchObject({ exitCode: 0, stderr: '' });
        } finally {
          folder.remove();
        }
      }
    });
});

describe('commands', () => {
  const commands = ofKind('shell').flatMap(([place, { code }]) =>
    shellCommands(code).map((words) => [place, words.join(' '), words] as const),
  );

  test.each(commands)('%s %s', async (_place, _line, words) => {
    const argv = agentforgeWords(words);
    if (argv === null) {
      checkProgram(words);
      return;
    }
    const flags = await checkAgentforge(argv);
    if (flags?.set !== undefined) await mustWork(configOf(flags));
    if (isCheap(argv)) await mustWork(argv);
  });

  test.each([
    'npx agentforge rum',
    'npx agentforge run --dry-rum',
    'npm run nothing',
    'npx nothing',
    'wget x',
  ])('a mistake is found: %s', async (line) => {
    const [words] = shellCommands(line);
    const argv = agentforgeWords(words!);
    await expect(async () =>
      argv === null ? checkProgram(words!) : await checkAgentforge(argv),
    ).rejects.toThrow();
  });

  test('in running text', async () => {
    const mentioned = DOCUMENTS.flatMap((document) =>
      inlineCodeOf(document).map((code) => ({ document, code })),
    );
    const lines = mentioned.filter(({ code }) => /^([A-Z_]+=\S+ )?(npx )?agentforge [a-z]/.test(code));
    expect(lines.length).toBeGreaterThan(5);
    for (const { document, code } of lines)
      for (const words of shellCommands(code)) {
        const checked = checkAgentforge(agentforgeWords(words)!, true);
        await checked.catch((cause: unknown) => {
          throw new Error(`${document}: ${code}`, { cause });
        });
      }
  });

  /** Commands that answer at once, without models and without training. */
  const CHEAP = ['config', 'plugins', 'phases', 'graph', 'doctor', 'init', 'models', 'status'];
  function isCheap(argv: Argv): boolean {
    if (argv.some((word) => word.startsWith('<') || word.startsWith('--config'))) return false;
    const shown = ['models', 'status'].includes(argv[0]!) && argv.length > 1;
    return (
      (CHEAP.includes(argv[0]!) && !shown) ||
      argv[0] === '--help' ||
      (argv[0] === 'run' && argv.includes('--dry-run'))
    );
  }

  /** Run a command as a newcomer would: in a folder with a config of the quickstart, or in an empty one to make it. */
  async function mustWork(argv: Argv): Promise<void> {
    const folder = temporaryFolder();
    try {
      mkdirSync(join(folder.path, 'books'));
      writeFiles(folder.path, [['package.json', '{}']]);
      if (argv[0] !== 'init')
        writeFiles(folder.path, [['agentforge.config.json', '{ "extends": ["quickstart"] }']]);
      const { exitCode, stderr } = await runCli(argv, new TestIo(folder.path));
      expect({ argv, exitCode, stderr }).toEqual({ argv, exitCode: 0, stderr: '' });
    } finally {
      folder.remove();
    }
  }
});
