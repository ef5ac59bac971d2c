import fc from 'fast-check';
import { validCandidate, validCandidates, wordsOf } from '../../../nn/cycles/index.js';

const existing = ['You answer in one short line.', 'Say what you know first.'];
const marks = ['<think>', '<|tool|>'];
const refused = (text: string, settings = {}): string | null => {
  const candidate = validCandidate(text, { existing, marks, ...settings });
  return candidate.valid ? null : candidate.reason;
};

test('a text that says something new is valid, without the space around it', () => {
  expect(validCandidate(' I count twice before I answer.\n', { existing })).toEqual({
    ...{ valid: true, text: 'I count twice before I answer.' },
  });
});

test.each([
  ['I count.\nThen I answer it.', 'lines'],
  ['I count.\u2028Then I answer it.', 'lines'],
  ['I count \u0007 it twice now', 'unprintable'],
  ['I count\tit twice now', 'unprintable'],
  ['I count it \uFFFD twice now', 'unprintable'],
  ['I count \u200B it twice now', 'unprintable'],
  ['I count <think> it twice now', 'mark'],
  ['', 'short'],
  ['I count', 'short'],
  ['... --- ...', 'short'],
  ['a b c d e f g h i j k l m n o p q r s t u v w x y z '.repeat(2), 'long'],
  ['you answer, in ONE short line', 'copy'],
  ['be good be good be good be good', 'loop'],
])('%j is refused: %s', (text, reason) => {
  expect(refused(text)).toBe(reason);
});

test('by hand: five of seven pairs differ, which is .714', () => {
  const text = 'we count it and we count it and';
  expect(wordsOf(text)).toHaveLength(8);
  // we-count, count-it, it-and, and-we differ; three come again.
  expect(refused(text, { leastDistinct: 4 / 7 })).toBeNull();
  expect(refused(text, { leastDistinct: 0.58 })).toBe('loop');
  const once = 'we count it and we count nothing and';
  // we-count alone comes again: six of seven.
  expect(refused(once, { leastDistinct: 6 / 7 })).toBeNull();
  expect(refused(once, { leastDistinct: 0.86 })).toBe('loop');
});

test('bounds are settings, both included', () => {
  expect(refused('I count', { leastWords: 2 })).toBeNull();
  expect(refused('I count it', { mostWords: 3 })).toBeNull();
  expect(refused('I count it twice', { mostWords: 3 })).toBe('long');
  expect(refused('Always', { leastWords: 1 })).toBeNull();
});

test('of many texts those that can be tried, none of them twice', () => {
  const written = ['I count it twice.', 'no', 'i count it TWICE', 'Say what you know first', 'I ask a tool.'];
  expect(validCandidates(written, { existing })).toEqual(['I count it twice.', 'I ask a tool.']);
});

test('what is valid is valid again, and what was accepted is then a copy', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      const candidate = validCandidate(text, { existing });
      if (!candidate.valid) return;
      expect(candidate.text).toBe(text.trim());
      expect(validCandidate(candidate.text, { existing })).toEqual(candidate);
      expect(refused(`  ${text}.`, { existing: [...existing, candidate.text] })).toBe('copy');
    }),
  );
});

test('a few words over and over are never valid', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(words, fc.integer({ min: 3, max: 8 }), (loop, times) => {
      const text = Array.from({ length: times }, () => loop.join(' ')).join(' ');
      expect(refused(text)).not.toBeNull();
    }),
  );
});
