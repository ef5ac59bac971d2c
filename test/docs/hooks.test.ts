import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as agentforge from 'agentforge';
import type { PluginFactory, Token } from '../../core/contracts/index.js';
import { createTestKernel } from '../../testing/index.js';

const text = readFileSync(join(process.cwd(), 'docs', 'plugins.md'), 'utf8');
const source = readFileSync(join(process.cwd(), 'core', 'contracts', 'hooks.ts'), 'utf8');

/** Cells of every row of the table that has the given heading in its first column. */
function rowsOf(heading: string): string[][] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`| ${heading} `));
  const rows = lines.slice(first + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** What a hook says in its type, on one line. */
function documented(name: string): string {
  const [, comment] = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*readonly ${name}:`).exec(source)!;
  return comment!.replace(/\s*\n\s*\*\s*/g, ' ').trim();
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  AsyncSeriesWaterfallHook: ['waterfall', 'async', 'the new value, or nothing to leave it'],
  AsyncSeriesBailHook: ['first answer wins', 'async', 'an answer, or nothing to leave it to the next tap'],
  AsyncSeriesHook: ['notification', 'async', 'nothing'],
  SyncHook: ['notification', 'sync', 'nothing'],
};

test('the table of hooks is what the kernel has: names, arguments, kinds, and what their types say', async () => {
  const { kernel, dispose } = await createTestKernel();
  const { hooks } = kernel;
  await dispose();
  const expected = Object.entries(hooks).map(([name, hook]) => {
    const { _args: names, constructor } = hook as unknown as {
      _args: string[];
      constructor: { name: string };
    };
    return [`\`${name}(${names.join(', ')})\``, ...KINDS[constructor.name]!, documented(name)];
  });
  expect(rowsOf('hook(arguments)')).toEqual(expected);
});

describe('the table of kinds', () => {
  const rows = rowsOf('factory').map(([factory, token, , example]) => ({ factory, token, example }));
  const tokens = (Object.entries(agentforge) as [string, unknown][]).filter(
    (entry): entry is [string, Token<unknown>] =>
      typeof entry[1] === 'object' && entry[1] !== null && Object.keys(entry[1]).join() === 'id,members',
  );

  test('has every token that the package exports, but the terminal', () => {
    const listed = rows.map(({ token }) => token).filter((token) => token !== '-');
    const exported = tokens.map(([name]) => name).filter((name) => name !== 'TERMINAL');
    expect(listed.sort()).toEqual(exported.map((name) => `\`${name}\``).sort());
  });

  test.each(rows.filter(({ token }) => token !== '-'))('$factory provides $token', ({ factory, token }) => {
    const define = (agentforge as unknown as Record<string, (definition: object) => PluginFactory>)[
      factory!.replaceAll('`', '')
    ]!;
    const [, { id }] = tokens.find(([name]) => `\`${name}\`` === token)!;
    expect(define({ name: 'x', create: () => null }).provides).toEqual([id]);
  });
});
