import { existsSync, readdirSync, readFileSync } from 'node:fs';

const text = readFileSync('docs/testing.md', 'utf8');

test('every file and folder of tests that it names is there', () => {
  const named = [...text.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

test('every variable for a long form is read by a test', () => {
  const variables = [...new Set(text.match(/AGENTFORGE_[A-Z_]+/g))];
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.endsWith('docs/testing.test.ts'))
    .map((file) => readFileSync(`test/${file}`, 'utf8'));
  expect(variables.filter((name) => !tests.some((code) => code.includes(name)))).toEqual([]);
});
