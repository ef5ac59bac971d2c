import { Draw } from '../../../nn/random/index.js';
import { stories } from '../../../plugins/datasets/index.js';
import { PLOTS, tell } from '../../../plugins/datasets/procedural/stories/story.js';
import { fill } from '../../../plugins/datasets/procedural/stories/template.js';
import { stream } from '../../../nn/random/index.js';
import { silentLogger } from '../../../testing/silent-logger.js';
import { load } from './support.js';

const draw = (seed: number): Draw => new Draw(stream(seed, 'test'));

describe('templates', () => {
  it('fills slots, chooses alternatives and mends articles and capitals', () => {
    expect(fill('{hero} saw a {thing}. it was [big|big].', { hero: 'Pip', thing: 'owl' }, draw(1))).toBe(
      'Pip saw an owl. It was big.',
    );
    expect(fill('"[come here|come here]!" {he} called. A orange hat.', { he: 'she' }, draw(1))).toBe(
      '"Come here!" she called. An orange hat.',
    );
    const seen = new Set(Array.from({ length: 60 }, (_, seed) => fill('[a|b[1|2]|]x', {}, draw(seed))));
    expect([...seen].sort()).toEqual(['Ax', 'B1x', 'B2x', 'X'].sort());
  });

  it('refuses unknown slots and open brackets', () => {
    expect(() => fill('{nobody}', {}, draw(1))).toThrow('unknown slot {nobody}');
    expect(() => fill('[a|b', {}, draw(1))).toThrow('does not close');
  });

  it('are all well formed: no beat leaves a mark behind', () => {
    const used = new Set<string>();
    for (let seed = 0; seed < 600; seed++) {
      const { text, plot } = tell(draw(seed));
      used.add(plot);
      expect(text).not.toMatch(
        /[{}[\]|]|\ba [aeiou]|\ban [^aeiou\s]| {2}| [.,!?]|\.\.|[.!?]" (Said|Asked|Cried)/,
      );
      for (const paragraph of text.split('\n\n')) expect(paragraph).toMatch(/^["A-Z].*[.!?]"?$/);
    }
    expect(used.size).toBe(PLOTS.length);
  });
});

describe('stories', () => {
  it('keep their cast: the hero is named throughout', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { text } = tell(draw(seed));
      const hero = /(?:named|called|name was) (\w+)\./.exec(text)?.[1] ?? /^(\w+) was/.exec(text)![1]!;
      const paragraphs = text.split('\n\n');
      expect(paragraphs.filter((paragraph) => paragraph.includes(hero)).length).toBeGreaterThanOrEqual(
        paragraphs.length - 1,
      );
    }
  });

  it('are many, varied and of readable length', async () => {
    const records = await load(stories({ count: 1500 }), {
      root: null,
      cache: '',
      seed: 42,
      log: silentLogger,
    });
    const words = records.map((record) => record.text.toLowerCase().match(/[a-z']+/g)!);
    const lengths = words.map((list) => list.length).sort((a, b) => a - b);
    expect(lengths[0]).toBeGreaterThan(60);
    expect(lengths.at(-1)).toBeLessThan(300);
    expect(new Set(words.flat()).size).toBeGreaterThan(900);
    const openings = new Set(records.map((record) => record.text.slice(0, 60)));
    expect(openings.size).toBeGreaterThan(1200);
  });
});
