import { stream } from '../../../nn/random/index.js';
import { search } from '../../../plugins/tools/index.js';
import { HOST_NAMES, toolOf, type Run } from './support.js';

const DOCUMENTS = [
  'The cat sat. A dog barked at the cat. Rain fell.',
  'Dogs bark. The dog and another dog ran.',
  'Snow in May.',
  'A caf\u00e9 in Paris',
];

describe('documents of the options', () => {
  let run: Run;
  beforeAll(async () => ({ run } = await toolOf(search({ documents: DOCUMENTS }))));

  test.each([
    ['snow', 'Snow in May.'],
    ['SNOW, MAY!', 'Snow in May.'],
    // Twice in the second document, once in the first.
    ['dog', 'The dog and another dog ran.'],
    // The sentence that has both.
    ['cat dog', 'A dog barked at the cat.'],
    ['caf\u00e9', 'A caf\u00e9 in Paris'],
    ['cafe\u0301', 'A caf\u00e9 in Paris'],
    ['zebra snow', 'Snow in May.'],
    ['zebra', '!not-found'],
    ['', '!syntax'],
    ['?!', '!syntax'],
    ['\u0000', '!syntax'],
    ['x'.repeat(3000), '!limit'],
  ])('%.20s: %s', (query, snippet) => expect(run(query)).toBe(snippet));

  test.each(HOST_NAMES.filter((name) => name !== 'this'))('%s is no word of them', (name) => {
    expect(run(name)).toBe('!not-found');
  });

  test('scores are those of BM25', async () => {
    // Robertson and Zaragoza 2009, equation 3.15, k1 1.2, b 0.75, by hand: "b" is in two of three documents of lengths 1, 3
    // and 5; ln(1 + 1.5 / 2.5) * 2.2 / (1 + 1.2 * (0.25 + 0.75 / 3)) = 0.646 for one "b" among one word, and
    // ln(1.6) * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 5 / 3)) = 0.544 for two among five.
    const { run: ranked } = await toolOf(search({ documents: ['b', 'c d e', 'b b f g h'] }));
    expect(ranked('b')).toBe('b');
    // Three among five: 0.47 * 6.6 / (3 + 1.8) = 0.646 and more.
    const { run: other } = await toolOf(search({ documents: ['b', 'c d e', 'b b b b h'] }));
    expect(other('b')).toBe('b b b b h');
  });

  test('postings are steps, results are cut', () => {
    expect(run('dog', { steps: 3 })).toBe('The dog and another dog ran.');
    expect(run('dog', { steps: 2 })).toBe('!limit');
    expect(run('snow', { characters: 4 })).toBe('Snow');
  });
});

test('options: texts without words are refused, one document is asked for nothing', async () => {
  await expect(toolOf(search({ documents: ['?'] }))).rejects.toMatchObject({ code: 'AF_CONFIG_INVALID' });
  await expect(toolOf(search({ documents: [] }))).rejects.toMatchObject({ code: 'AF_CONFIG_INVALID' });
  expect((await toolOf(search({ documents: ['one'] }))).tool.ask).toBeUndefined();
});

test('every question about a person leads to the sentence about that person', async () => {
  const { tool, run } = await toolOf(search());
  const random = stream(2);
  for (let i = 0; i < 300; i++) {
    const { args } = tool.ask!(random, 1 + (i % 100), i % 2 === 0 ? 'train' : 'held-out');
    const [first, last, job] = args.split(' ');
    expect(run(args)).toMatch(
      new RegExp(`^${first} ${last} is a ${job ?? '[a-z]+'} (with|of) \\d+ [a-zA-Z ]+\\.$`),
    );
  }
});
