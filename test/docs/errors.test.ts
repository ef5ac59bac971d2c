import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CATALOGUE, ForgeError, isForgeError, type ErrorCode } from '../../core/errors/index.js';

const text = readFileSync(join(process.cwd(), 'docs', 'errors.md'), 'utf8');
const documented = [...text.matchAll(/^### (\w+)$/gm)].map((match) => match[1]!);
const codes = Object.keys(ERROR_CATALOGUE) as ErrorCode[];

test('the catalogue is alphabetical', () => {
  expect(codes).toEqual([...codes].sort());
});

test('every code is documented, in order, and no other', () => {
  expect(documented).toEqual(codes);
});

test.each(codes)('%s: a well-formed code, a summary, and more than that in the documentation', (code) => {
  expect(code).toMatch(/^AF(_[A-Z]+)+$/);
  expect(ERROR_CATALOGUE[code].summary).toMatch(/^[A-Z].*\.$/);
  const entry = text.split(`### ${code}\n`)[1]!.split('\n### ')[0]!;
  expect(entry.trim().length).toBeGreaterThan(60);
});

test('an error carries what its code says', () => {
  const error = new ForgeError('AF_DATA_EMPTY', 'nothing there', {
    at: 'x.jsonl',
    fix: 'give more',
    cause: new Error('root'),
  });
  expect(error.exitCode).toBe(ERROR_CATALOGUE.AF_DATA_EMPTY.exitCode);
  expect(isForgeError(error, 'AF_DATA_EMPTY')).toBe(true);
  expect(isForgeError(error, 'AF_USAGE')).toBe(false);
  expect(isForgeError(new Error('AF_DATA_EMPTY'))).toBe(false);
  expect(error).toMatchObject({
    at: 'x.jsonl',
    fix: 'give more',
    problems: [],
    facts: {},
    cause: expect.any(Error),
  });
});
