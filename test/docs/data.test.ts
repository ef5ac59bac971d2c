import { join } from 'node:path';
import * as agentforge from 'agentforge';
import type { ForgeConfig, Plugin } from '../../core/contracts/index.js';
import { LONGEST_DOCUMENT } from '../../plugins/datasets/shared/documents.js';
import * as datasets from '../../plugins/datasets/index.js';
import * as plugins from '../../plugins/index.js';
import * as presets from '../../presets/index.js';
import { silentLogger } from '../../testing/index.js';
import { DataFolder, lines, load } from '../plugins/datasets/support.js';
import { readFileSync } from 'node:fs';
import { runSnippet, snippetsOf } from '../support/snippets.js';

const DOCUMENT = join(process.cwd(), 'docs', 'data.md');
const modules = { agentforge, 'agentforge/plugins': plugins, 'agentforge/presets': presets };

test('the config of the document is one, and its datasets read what it says', async () => {
  const [snippet, ...others] = snippetsOf(DOCUMENT);
  expect(others.map(({ file }) => file)).toEqual(['difficulty.config.ts']);
  const config = runSnippet(snippet!, modules)['default'] as ForgeConfig;
  const [notes, faq] = config.plugins as readonly Plugin[];
  expect([notes!.name, faq!.name]).toEqual(['notes', 'faq']);
  const data = await DataFolder.make();
  const at = async (plugin: Plugin, file: string, content: string) =>
    load(plugin.withOptions({ path: await data.write(file, content) }), data.context());
  expect(await at(notes!, 'notes.txt', 'A note.')).toEqual([{ text: 'A note.' }]);
  const [record] = await at(faq!, 'faq.jsonl', lines({ question: 'Why?', answer: 'So.' }));
  expect(record).toMatchObject({ input: 'Question: Why?\nAnswer:', output: ' So.' });
  await data.remove();
});

const context = { root: null, cache: '', seed: 42, log: silentLogger };

test('the generated records it shows are what the plugins give', async () => {
  const made = [plugins.chains(), plugins.sorting(), plugins.brackets(), plugins.recall()];
  const texts = new Set(
    (await Promise.all(made.map((each) => load(each, context)))).flat().map((r) => r.text),
  );
  const shown = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^Question: .*\nAnswer: .*$/gm)].map(
    ([text]) => text,
  );
  expect(shown).toHaveLength(8);
  expect(shown.filter((text) => !texts.has(text))).toEqual([]);
});

test('the thoughts it shows are those of the questions they stand beside', async () => {
  const traces = new Map(
    (await load(plugins.reasoning(), context)).map((record) => [
      record.input!,
      `${record.metadata!['strategy']} ${record.metadata!['trace']}`,
    ]),
  );
  const rows = readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `(.+)` \| (.+) \| `(<think>.+)` \|$/gm);
  const shown = [...rows].map(([, strategy, question, trace]) => ({ strategy, question, trace }));
  expect(shown).toHaveLength(7);
  for (const { strategy, question, trace } of shown) {
    expect(traces.get(`Question: ${question}\nAnswer:`)).toBe(`${strategy} ${trace}`);
  }
});

test('its easy and its hard tasks are generated, the hard ones longer', async () => {
  const { easy, hard } = runSnippet(snippetsOf(DOCUMENT)[1]!, modules) as Record<string, readonly Plugin[]>;
  const lengths = async (tasks: readonly Plugin[]) =>
    Promise.all(
      tasks.map(async (task) => {
        const records = await load(task.withOptions({ count: 200 }), context);
        expect(records).toHaveLength(200);
        return records.reduce((sum, { text }) => sum + text.length, 0) / records.length;
      }),
    );
  const [easier, harder] = [await lengths(easy!), await lengths(hard!)];
  expect(easy!.map(({ name }) => name)).toEqual(hard!.map(({ name }) => name));
  easier.forEach((length, index) => expect(harder[index]).toBeGreaterThan(length));
});

test('its table names the options of every generated dataset', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const generated = Object.values(datasets).filter(
    ({ optionsSchema }) => 'count' in optionsSchema.properties,
  );
  expect(generated).toHaveLength(12);
  for (const { pluginName, optionsSchema } of generated) {
    const row = text.split('\n').find((line) => line.startsWith(`| \`${pluginName}\` |`));
    const named = [...(row?.split(' | ')[3] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect([pluginName, ...named, 'count']).toEqual([pluginName, ...Object.keys(optionsSchema.properties)]);
  }
});

test('the longest document of the text is the one of the code', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(text).toContain(LONGEST_DOCUMENT.toLocaleString('en-US'));
  expect(text).toContain((2 ** 26).toLocaleString('en-US'));
});
