import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  defineConfig,
  definePhase,
  Type,
  withDefault,
  type BuiltinOptions,
  type BuiltinPhases,
  type ForgeConfig,
  type OptionsOf,
} from 'agentforge';
import { expectTypeOf } from 'expect-type';
import ts from 'typescript';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { projectFolder, typeErrors, writeFiles } from '../support/type-check.js';

const Options = Type.Object(
  { laps: withDefault(Type.Integer(), 3), track: Type.Object({ metres: Type.Integer() }) },
  { additionalProperties: false },
);

const known = definePhase({ name: 'known-by-test', options: Options, create: () => null as never });

declare module 'agentforge' {
  interface KnownPhases {
    'known-by-test': OptionsOf<typeof known>;
  }
}

const taken = (config: ForgeConfig) => expect(Object.keys(config)).not.toEqual([]);

describe('options of known names are checked wherever they are written', () => {
  test('phases.<name>, built in and of a third party', () => {
    taken(defineConfig({ phases: { cognate: { maxSteps: 5, training: { rows: 2 } } } }));
    taken(defineConfig({ phases: { 'known-by-test': { track: { metres: 400 } } } }));
    // @ts-expect-error there is no option `maxStepz`
    taken(defineConfig({ phases: { cognate: { maxStepz: 5 } } }));
    // @ts-expect-error there is no option `rowz` in it
    taken(defineConfig({ phases: { cognate: { training: { rowz: 5 } } } }));
    // @ts-expect-error there is no option `lap`
    taken(defineConfig({ phases: { 'known-by-test': { lap: 1, track: { metres: 400 } } } }));
    // @ts-expect-error `track` has no default
    taken(defineConfig({ phases: { 'known-by-test': { laps: 1 } } }));
  });

  test('options.<name>', () => {
    taken(defineConfig({ options: { ties: { density: 0.3 }, jsonl: { progress: true } } }));
    // @ts-expect-error there is no option `densityy`
    taken(defineConfig({ options: { ties: { densityy: 1 } } }));
    // @ts-expect-error it takes no options
    taken(defineConfig({ options: { lowdb: { folder: 'x' } } }));
  });

  test('entries of plugins and pipeline, beside entries of any kind', () => {
    const instance = known({ track: { metres: 1 } });
    const off = false as boolean;
    taken(
      defineConfig({
        plugins: [
          instance,
          off && instance,
          ['ties', { density: 0.3 }],
          { use: 'dare', options: { density: 0.1 } },
        ],
        pipeline: ['cognate', ['known-by-test', { track: { metres: 1 } }], { use: 'evomerge' }, instance],
      }),
    );
    // @ts-expect-error there is no option `densityy`
    taken(defineConfig({ plugins: [['ties', { densityy: 1 }]] }));
    // @ts-expect-error there is no option `densityy`, and one that is right excuses nothing
    taken(defineConfig({ plugins: [instance, 'dare', ['ties', { density: 1, densityy: 1 }]] }));
    // @ts-expect-error there is no option `densityy`
    taken(defineConfig({ plugins: [instance, { use: 'ties', options: { density: 1, densityy: 1 } }] }));
    // @ts-expect-error there is no option `maxStepz`
    taken(defineConfig({ pipeline: [['cognate', { maxStepz: 5 }]] }));
    // @ts-expect-error there is no option `maxStepz`
    taken(defineConfig({ pipeline: [instance, { use: 'cognate', options: { maxStepz: 5 } }] }));
    // @ts-expect-error `track` has no default
    taken(defineConfig({ pipeline: [['known-by-test', {}]] }));
  });

  test('a config that is typed and not defined', () => {
    // @ts-expect-error there is no option `maxStepz`
    const config: ForgeConfig = { phases: { cognate: { maxStepz: 5 } } };
    taken(config);
  });

  test('names that nobody declared are open', () => {
    taken(
      defineConfig({
        plugins: [
          ['./mine.ts', { any: 'thing' }],
          ['agentforge-plugin-x', { any: 'thing' }],
          ['x', { any: 1 }],
        ],
        pipeline: [{ use: 'theirs', options: { any: 'thing' } }, ['theirs', { any: 'thing' }]],
        phases: { theirs: { any: 'thing' } },
        options: { x: { any: 'thing' } },
      }),
    );
    // @ts-expect-error options are a record
    taken(defineConfig({ phases: { theirs: 4 } }));
  });
});

test('every built-in plugin is known by its name', async () => {
  expectTypeOf<(typeof BUILTIN_PLUGINS)[number]['name']>().toEqualTypeOf<
    keyof BuiltinPhases | keyof BuiltinOptions
  >();
  for (const { name, point, load } of BUILTIN_PLUGINS) {
    const { pluginName, provides } = (await load()) as { pluginName: string; provides: readonly string[] };
    expect({ name: pluginName, point: provides[0] }).toEqual({ name, point });
  }
});

describe('with the package as it is built', () => {
  let folder: ReturnType<typeof projectFolder>;
  beforeAll(() => void (folder = projectFolder()));
  afterAll(() => folder.remove());

  const PHASE = `import { definePhase, Type, withDefault, type OptionsOf } from 'agentforge';
const Options = Type.Object({ laps: withDefault(Type.Integer(), 3) }, { additionalProperties: false });
export const race = definePhase({ name: 'race', options: Options, create: () => { throw new Error('not here'); } });
declare module 'agentforge' {
  interface KnownPhases { race: OptionsOf<typeof race> }
}
`;
  const config = (body: string) => `import { defineConfig } from 'agentforge';
import './race.ts';
export default defineConfig({ ${body} });
`;

  test.each(['nodenext', 'bundler'] as const)('a program finds the same mistakes (%s)', (resolution) => {
    const right = [
      'phases: { cognate: { maxSteps: 5 }, race: { laps: 2 }, theirs: { any: 1 } }',
      "pipeline: [['cognate', { maxSteps: 5 }], { use: 'race', options: { laps: 1 } }], options: { ties: { density: 1 } }",
    ];
    const wrong = [
      'phases: { cognate: { maxStepz: 5 } }',
      'phases: { race: { lap: 5 } }',
      'options: { ties: { densityy: 1 } }',
      "pipeline: [['cognate', { maxStepz: 5 }]]",
      "plugins: [['ties', { densityy: 1 }]]",
      "plugins: [{ use: 'ties', options: { densityy: 1 } }]",
    ];
    const files = [...right, ...wrong].map((body, index) => [`config-${index}.ts`, config(body)] as const);
    writeFiles(folder.path, [...files, ['race.ts', PHASE]]);
    const problems = typeErrors(folder.path, ['race.ts', ...files.map(([file]) => file)], resolution);
    expect([...new Set(problems.map((problem) => /^[^(]+/.exec(problem)![0]))].sort()).toEqual(
      wrong.map((_, index) => `config-${right.length + index}.ts`).sort(),
    );
    expect(problems[0]).toMatch(/'maxStepz' does not exist in type [^]*Did you mean to write 'maxSteps'\?/);
  });

  test('an editor completes names and options', () => {
    expect(completions('phases: { | }')).toEqual(expect.arrayContaining(['cognate', 'evomerge', 'race']));
    expect(completions('phases: { cognate: { | } }')).toContain('maxSteps');
    expect(completions('phases: { cognate: { training: { | } } }')).toContain('rows');
    expect(completions('phases: { race: { | } }')).toEqual(['laps']);
    expect(completions('options: { ties: { | } }')).toContain('density');
    expect(completions("pipeline: ['|']")).toEqual(expect.arrayContaining(['cognate', 'race']));
    expect(completions("pipeline: [['cognate', { | }]]")).toContain('maxSteps');
    expect(completions("plugins: [{ use: 'ties', options: { | } }]")).toContain('density');
  });

  /** What the language service offers where the bar stands. */
  function completions(body: string): string[] {
    const text = config(body);
    const offset = text.indexOf('|');
    const file = join(folder.path, 'edited.ts');
    mkdirSync(folder.path, { recursive: true });
    writeFiles(folder.path, [
      ['edited.ts', text.replace('|', '')],
      ['race.ts', PHASE],
    ]);
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      types: [],
    };
    const service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [file],
      getScriptVersion: () => '1',
      getScriptSnapshot: (name) =>
        ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(readFileSync(name, 'utf8')) : undefined,
      getCurrentDirectory: () => folder.path,
      getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
      fileExists: (name) => ts.sys.fileExists(name),
      readFile: (name) => ts.sys.readFile(name),
      directoryExists: (name) => ts.sys.directoryExists(name),
      realpath: (name) => ts.sys.realpath!(name),
    });
    const found = service.getCompletionsAtPosition(file, offset, undefined);
    return (found?.entries ?? []).map(({ name }) => name);
  }
});
