import { existsSync, readFileSync } from 'node:fs';

const PAGE = readFileSync('docs/architecture.md', 'utf8');

/** What is written as code in the text: paths, and behind a path in parentheses names of its file. */
const TEXT = PAGE.replace(/^```[\s\S]*?^```/gm, '');
const PATH = /`([\w.-]+(?:\/[\w.<>-]+)+\/?)`/g;
const NAMED = /`([\w.-]+(?:\/[\w.-]+)+\.\w+)`\s+\(((?:`\w+`(?:,\s+)?)+)\)/g;
const STEP = /^\d+\. [\s\S]*?(?=^\d+\. |^## |$(?![\s\S]))/gm;

const paths = [...new Set([...TEXT.matchAll(PATH)].map(([, path]) => path!))];
const named = [...TEXT.matchAll(NAMED)].flatMap(([, path, names]) =>
  [...names!.matchAll(/\w+/g)].map(([name]) => [path!, name] as const),
);

test('there is something to check', () => {
  expect(paths.length).toBeGreaterThan(35);
  expect(named.length).toBeGreaterThan(30);
});

test.each(paths)('%s is there', (path) => {
  expect(existsSync(path)).toBe(true);
});

test.each(named)('%s has %s', (path, name) => {
  const declared = new RegExp(
    `\\b(function|class|const|interface|type) ${name}\\b|^ {2}(async )?${name}[(:<]|^ {4}${name}: `,
    'm',
  );
  expect(readFileSync(path, 'utf8')).toMatch(declared);
});

test('every step of the walks names a path', () => {
  const steps = TEXT.match(STEP)!;
  expect(steps.length).toBeGreaterThan(20);
  for (const step of steps) expect(step).toMatch(new RegExp(PATH.source));
});

test('the rooms of the picture are folders', () => {
  const [picture] = /^```text\n([\s\S]*?)^```/m.exec(PAGE)!;
  for (const [, folder] of picture.matchAll(/(?<![\w/>])([a-z]+(?:\/[a-z]+)*\/)(?=\s)/g))
    expect([folder, existsSync(folder!)]).toEqual([folder, true]);
});
