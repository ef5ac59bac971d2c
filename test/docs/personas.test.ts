import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as agentforge from 'agentforge';
import * as phases from 'agentforge/phases';
import { PERSONA, type Persona, type PhaseContext, type Plugin } from '../../core/contracts/index.js';
import { stream } from '../../nn/random/index.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import * as kit from '../../testing/index.js';
import type { ConformanceCase } from '../../testing/case.js';
import { testConformance } from '../support/conformance.js';
import { runSnippet, snippetsOf, type Snippet } from '../support/snippets.js';
import { personas, SUM } from '../plugins/personas/support.js';

const DOCUMENT = join('docs', 'personas.md');
const text = readFileSync(DOCUMENT, 'utf8');
const snippetOf = (name: string): Snippet => snippetsOf(DOCUMENT).find(({ file }) => file === name)!;

/** Rows of the table below a heading, without backticks. */
function tableOf(heading: string): string[][] {
  const [, section] = new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(text)!;
  const rows = [...section!.matchAll(/^\| (.*) \|$/gm)].slice(1);
  return rows.map(([, row]) => row!.split(' | ').map((cell) => cell.replace(/^(`+) ?(.*?) ?\1$/, '$2')));
}

let all: ReadonlyMap<string, Persona>;
beforeAll(async () => void (all = await personas()));

test('every built-in persona is told, with its trait and one of its demonstrations', () => {
  const rows = tableOf('The built-in ones');
  expect(rows.map(([name]) => name)).toEqual([...all.keys()]);
  for (const [name, trait, example] of rows) {
    const persona = all.get(name!)!;
    expect([name, trait]).toEqual([name, persona.trait]);
    const written = example!.replaceAll('\\n', '\n');
    const known = Array.from({ length: 6000 }, (_, i) => persona.demonstrate(SUM, stream(i)).trimStart());
    expect([name, known.includes(written.trimStart())]).toEqual([name, true]);
  }
});

test('the text of every persona is its first wording', () => {
  const texts = [...all].map(([name, persona]) => [name, persona.texts.wordings[0]]);
  expect(tableOf('Texts')).toEqual(texts);
});

test('the judges are told, and the two sets', () => {
  expect(tableOf('How an answer is judged').map(([name]) => name)).toEqual([...all.keys()]);
  const [, four] = /^`DEFAULT_PERSONAS`[^:]*: ([^.]*)\./m.exec(text)!;
  const [, nine] = /`PLANNED_PERSONAS` are nine:\s([^.]*)\./.exec(text)!;
  expect(four!.split(/, | and /)).toEqual(phases.DEFAULT_PERSONAS);
  expect(nine!.split(/,\s| and /)).toEqual(phases.PLANNED_PERSONAS);
});

test('the library is told', async () => {
  const { promptsOf } = runSnippet(snippetOf('prompts.ts'), { agentforge, 'agentforge/phases': phases }) as {
    promptsOf: (ctx: Pick<PhaseContext, 'resolve'>, phase: string) => Record<string, string>;
  };
  const { kernel, dispose } = await kit.createTestKernel({ builtins: BUILTIN_PLUGINS });
  const found = ['quietstar', 'curriculum', 'baking'].map(
    (phase) => [phase, promptsOf(kernel, phase)] as const,
  );
  await dispose();
  const rows = tableOf('The library of prompts');
  for (const [name, phase, told] of rows.filter(([, , words]) => words !== 'their first wording'))
    expect([name, Object.fromEntries(found)[phase!]![name!]]).toEqual([name, told]);
  expect(rows).toHaveLength(5);
  expect(found.flatMap(([, prompts]) => Object.keys(prompts))).toHaveLength(13);
});

describe('the persona that is written there conforms, as its test file says', () => {
  const modules = { agentforge, 'agentforge/testing': kit };
  const own = runSnippet(snippetOf('shouting.ts'), modules);
  const registered: ConformanceCase[] = [];
  runSnippet(snippetOf('shouting.test.ts'), {
    ...modules,
    'node:test': { test: (name: string, run: () => Promise<void>) => void registered.push({ name, run }) },
    './shouting.ts': own,
  });
  testConformance(registered);

  test('under the name that is told', async () => {
    const plugin = (own['default'] as () => Plugin)();
    expect(plugin.name).toBe('shouting-persona');
    const { kernel, dispose } = await kit.createTestKernel({ plugins: [plugin] });
    expect(kernel.names(PERSONA)).toEqual(['shouting']);
    await dispose();
  });
});

test('a persona of the same name takes the place of a built-in one', async () => {
  const mine = agentforge.definePersona({
    name: 'helpful',
    create: () => ({ ...all.get('helpful')!, trait: 'is mine' }),
  });
  const { kernel, dispose } = await kit.createTestKernel({ builtins: BUILTIN_PLUGINS, plugins: [mine()] });
  expect(kernel.resolve(PERSONA, 'helpful').trait).toBe('is mine');
  expect(kernel.names(PERSONA)).toHaveLength(12);
  await dispose();
});
