import type { Persona } from '../../../core/contracts/persona.js';
import { personas } from './support.js';

let all: ReadonlyMap<string, Persona>;
beforeAll(async () => void (all = await personas()));

/** A word of the manner that every wording of it has. */
const NAMED: Readonly<Record<string, RegExp>> = {
  careful: /check|care|verif|confirm/i,
  code: /code|program/i,
  creative: /poet|picture|image|compar/i,
  general: /usual|always|normal|no particular|plain/i,
  helpful: /next|after it/i,
  math: /equation|formula|equals/i,
  memory: /memory|repeat|quote|recall|remind/i,
  precise: /bare|only|alone|few|nothing but|exact/i,
  qa: /sentence/i,
  reasoning: /step|numbered/i,
  summarization: /short|sum|brief/i,
  translation: /spanish|languages/i,
};

test('every wording says what the manner is, and no other persona has it', () => {
  const known = new Map<string, string>();
  for (const [name, { texts }] of all) {
    expect(texts.wordings.length).toBeGreaterThanOrEqual(3);
    expect(texts.heldOut.length).toBeGreaterThanOrEqual(2);
    for (const wording of [...texts.wordings, ...texts.heldOut]) {
      expect([name, wording]).toEqual([name, expect.stringMatching(NAMED[name]!)]);
      expect([wording, known.get(wording)]).toEqual([wording, undefined]);
      known.set(wording, name);
      expect(wording).toMatch(/^[A-Z][\x20-\x7e]*[.?]$/);
      expect(wording.split(' ').length).toBeLessThanOrEqual(14);
      expect(wording).not.toMatch(/[<>|#`]/);
    }
  }
});

test('traits tell the personas apart', () => {
  const traits = [...all.values()].map(({ trait }) => trait);
  expect(new Set(traits).size).toBe(12);
});
