import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as agentforge from 'agentforge';
import type { AnyPluginFactory, Token } from '../../core/contracts/index.js';

const folder = join(process.cwd(), 'examples');
const folders = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const text = (...path: string[]): string => readFileSync(join(process.cwd(), ...path), 'utf8');

test('every folder has one line in the README of the examples', () => {
  const listed = [...text('examples', 'README.md').matchAll(/^\| \[`([\w-]+)`\]\(\1\) \| \S.* \|$/gm)];
  expect(listed.map(([, name]) => name!).sort()).toEqual([...folders].sort());
});

test('the guide links an example of every kind, and the example is of that kind', async () => {
  const rows = [
    ...text('docs', 'plugins.md').matchAll(/^\| `define\w+` *\| (\S+) *\|.*\(\.\.\/examples\/([\w-]+)\)/gm),
  ];
  expect(rows.map(([, , name]) => name!).sort()).toEqual(
    folders.filter((name) => name !== 'real-data').sort(),
  );
  for (const [, token, name] of rows) {
    const [file] = readdirSync(join(folder, name!));
    const { default: factory } = (await import(join(folder, name!, file!))) as { default: AnyPluginFactory };
    const id =
      token === '-'
        ? []
        : [(agentforge as unknown as Record<string, Token<unknown>>)[token!.replaceAll('`', '')]!.id];
    expect([name, factory.provides]).toEqual([name, id]);
  }
});

test('an example imports nothing of the inside', () => {
  for (const name of folders)
    for (const file of readdirSync(join(folder, name)))
      for (const [, from] of text('examples', name, file).matchAll(/from '([^']+)'/g))
        expect(from).toMatch(/^(agentforge(\/\w+)?|@tensorflow\/tfjs|node:[\w/]+)$/);
});
