import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as agentforge from 'agentforge';
import * as nn from 'agentforge/nn';
import { TOOL, type Plugin, type Tool, type ToolFacts, type Tokenizer } from '../../core/contracts/index.js';
import { DEFAULT_TOOL_LIMITS, ToolRuntime } from '../../nn/tools/index.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import * as plugins from '../../plugins/index.js';
import * as kit from '../../testing/index.js';
import type { ConformanceCase } from '../../testing/case.js';
import { testConformance } from '../support/conformance.js';
import { runSnippet, snippetsOf, type Snippet } from '../support/snippets.js';
import { idsOf, toolFacts, toolWords } from '../support/tool-words.js';

const DOCUMENT = join('docs', 'tools.md');
const text = readFileSync(DOCUMENT, 'utf8');
const snippetOf = (name: string): Snippet => snippetsOf(DOCUMENT).find(({ file }) => file === name)!;
const rowsOf = (columns: number): string[][] =>
  [...text.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)]
    .map(([, name, rest]) => [name!, ...rest!.split(' | ')])
    .filter(({ length }) => length === columns);

const BUILTIN = BUILTIN_PLUGINS.filter(({ point }) => point === 'tool');
const toolOf = async (name: string): Promise<Tool> => {
  const factory = (await BUILTIN.find((each) => each.name === name)!.load()) as () => Plugin;
  return kit.implementationOf(TOOL, factory());
};
const say = (tool: Tool, args: string): string => {
  const outcome = tool.run(args, DEFAULT_TOOL_LIMITS);
  return outcome.ok ? outcome.text : outcome.failure;
};

test('the tables have every built-in tool', () => {
  const names = BUILTIN.map(({ name }) => name).sort();
  expect(rowsOf(4).map(([name]) => name)).toEqual(names);
  expect(rowsOf(3).map(([name]) => name)).toEqual(names);
});

test.each(rowsOf(4))('%s: %s, for example %s', async (name, _arguments, args, result) => {
  expect(say(await toolOf(name!), args!.replaceAll('`', ''))).toBe(result!.replaceAll('`', ''));
});

test('the failures are those of the contract', () => {
  const told = rowsOf(2).map(([name]) => name!);
  const runtime = new ToolRuntime(
    new Map([
      [
        'fails',
        { ...({} as Tool), run: (failure) => ({ ok: false, failure: failure as never, message: 'x' }) },
      ],
    ]),
  );
  for (const failure of told) expect(runtime.call('fails', failure)).toMatchObject({ failure });
  expect(told).toHaveLength(5);
});

test('the questions are of a wording of their tool', async () => {
  for (const [name, ...questions] of rowsOf(3)) {
    const tool = await toolOf(name!);
    const shape = (question: string): string =>
      question.replace(/"[^"]*"|[-+*/()=\d]{2,}|\b(?:\w+)(?= in | of )|(?<=(?:in|of) )\w+/g, '_');
    const known = new Set(
      Array.from({ length: 400 }, (_, i) =>
        shape(tool.ask!(nn.random.stream(i), 1 + (i % 100), 'train').question),
      ),
    );
    for (const question of questions) expect(known).toContain(shape(question));
  }
});

test('a world of one’s own takes the place of the generated one', async () => {
  const config = runSnippet(snippetOf('world.ts'), { agentforge, 'agentforge/plugins': plugins })[
    'default'
  ] as {
    plugins: Plugin[];
  };
  const [files, tables, documents] = await Promise.all(
    config.plugins.map((plugin) => kit.implementationOf(TOOL, plugin)),
  );
  expect(say(files!, 'notes/today.txt')).toBe('water the plants');
  expect(say(files!, 'notes/lamp.txt')).toBe('not-found');
  expect(say(tables!, 'SELECT price FROM stock WHERE item=nut')).toBe('2');
  expect(say(documents!, 'ladder')).toBe('The ladder is in the shed.');
});

test('many answers are had at once', async () => {
  const { factsOf, answer } = runSnippet(snippetOf('answers.ts'), { agentforge, 'agentforge/nn': nn }) as {
    factsOf: (tokenizer: Tokenizer, names: readonly string[]) => ToolFacts;
    answer: (...given: unknown[]) => Promise<Record<string, unknown>>;
  };
  const facts = factsOf(toolWords, ['calculator', 'search']);
  expect(facts).toMatchObject({ tags: toolFacts.tags, names: toolFacts.names });
  const call = idsOf('<|tool|><|calculator|><|args|>2+3<|/tool|>');
  const result = toolFacts.tags['<|result|>']!;
  const continueGreedily = async (prompts: readonly number[][]) =>
    prompts.map((ids) => (ids.includes(result) || ids.length > 3 ? idsOf('done') : call));
  const calculator = await toolOf('calculator');
  const forge = { resolve: () => calculator };
  expect(await answer(forge, { continueGreedily }, toolWords, facts, ['a?', 'longer?'])).toEqual({
    ...{ answers: ['done', 'done'], total: 1, successful: 1, failed: 0, violations: 0 },
  });
});

describe('the tool that is written there conforms, as its test file says', () => {
  const modules = { agentforge, 'agentforge/testing': kit };
  const registered: ConformanceCase[] = [];
  runSnippet(snippetOf('letters.test.ts'), {
    ...modules,
    'node:test': { test: (name: string, run: () => Promise<void>) => void registered.push({ name, run }) },
    './letters.ts': runSnippet(snippetOf('letters.ts'), modules),
  });
  testConformance(registered);
});
