import { manualsOf, phrased } from '../../../nn/curriculum/index.js';
import { Draw, stream } from '../../../nn/random/index.js';

const sentences = (seed: number): string[] => {
  const draw = new Draw(stream(seed, 'phrasing'));
  return Array.from({ length: 600 }, () => phrased(draw, ['3+4', 'the value of 3+4']));
};

test('a thing stands in twenty sentences, by each of its names', () => {
  const all = new Set(sentences(1));
  expect(all.size).toBe(40);
  expect(all).toContain('Tell me the value of 3+4.');
  for (const sentence of all) {
    expect(sentence.match(/3\+4/g)).toHaveLength(1);
    expect(sentence).toMatch(/^[A-Z].*[.?]$/);
  }
});

test('the same seed asks in the same way', () => {
  expect(sentences(5)).toEqual(sentences(5));
  expect(sentences(5)).not.toEqual(sentences(6));
});

test('manuals name the tool and its purpose, each once', () => {
  const all = manualsOf('<|t|>', ['sums', 'values']);
  expect(new Set(all).size).toBe(20);
  expect(all).toContain('For values there is <|t|>.');
  for (const manual of all) {
    expect(manual.match(/<\|t\|>/g)).toHaveLength(1);
    expect(manual).toMatch(/sums|values/);
  }
});
