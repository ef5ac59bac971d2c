import { join } from 'node:path';
import * as agentforge from 'agentforge';
import type { ForgeConfig, Plugin } from '../../core/contracts/index.js';
import { LONGEST_DOCUMENT } from '../../plugins/datasets/shared/documents.js';
import * as plugins from '../../plugins/index.js';
import * as presets from '../../presets/index.js';
import { DataFolder, lines, load } from '../plugins/datasets/support.js';
import { readFileSync } from 'node:fs';
import { runSnippet, snippetsOf } from '../support/snippets.js';

const DOCUMENT = join(process.cwd(), 'docs', 'data.md');
const modules = { agentforge, 'agentforge/plugins': plugins, 'agentforge/presets': presets };

test('the config of the document is one, and its datasets read what it says', async () => {
  const [snippet, ...others] = snippetsOf(DOCUMENT);
  expect(others).toEqual([]);
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

test('the longest document of the text is the one of the code', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(text).toContain(LONGEST_DOCUMENT.toLocaleString('en-US'));
  expect(text).toContain((2 ** 26).toLocaleString('en-US'));
});
