import { readFileSync } from 'node:fs';
import type { Persona, PersonaQuestion } from '../../../core/contracts/persona.js';
import { distinctShare } from '../../../nn/evaluation/index.js';
import { stream } from '../../../nn/random/index.js';
import { DEFAULT_PERSONAS, PLANNED_PERSONAS } from '../../../plugins/phases/shared/index.js';
import { generatedQuestions, personas, SUM } from './support.js';

const ROUNDS = 3;

let all: ReadonlyMap<string, Persona>;
let questions: readonly PersonaQuestion[];

beforeAll(async () => {
  [all, questions] = await Promise.all([personas(), generatedQuestions(25)]);
});

function demonstrationsOf(name: string): (readonly [string, PersonaQuestion])[] {
  return questions.flatMap((to, place) =>
    Array.from({ length: ROUNDS }, (_, round) => {
      const random = stream(3, name, place, round);
      return [all.get(name)!.demonstrate(to, random), to] as const;
    }),
  );
}

/** Demonstrations of `name` that a judge does not take for what they are. */
function mistakes(name: string, judges: readonly string[]): string[] {
  return demonstrationsOf(name).flatMap(([written, to]) =>
    judges
      .filter((judge) => all.get(judge)!.shows(written, to) !== (judge === name))
      .map((judge) => `${judge}: ${JSON.stringify(written)} to ${to.question}`),
  );
}

test('questions are of all kinds, and as many as is told', () => {
  const [, told] = /Of ([\d,]+) demonstrations of each/.exec(readFileSync('docs/personas.md', 'utf8'))!;
  expect(questions.length * ROUNDS).toBe(Number(told!.replace(',', '')));
  expect(questions.length).toBeGreaterThan(1000);
  expect(questions.filter(({ args }) => args === null).length).toBeGreaterThan(500);
  expect(questions.filter(({ answer }) => /^-?\d+$/.test(answer)).length).toBeGreaterThan(300);
  expect(questions.filter(({ answer }) => / is a /.test(answer)).length).toBeGreaterThan(20);
});

test.each(DEFAULT_PERSONAS)('of the four, %s alone sees its own demonstrations', (name) => {
  expect(mistakes(name, DEFAULT_PERSONAS)).toEqual([]);
});

test.each(PLANNED_PERSONAS)('of the nine, %s alone sees its own demonstrations', (name) => {
  expect(mistakes(name, PLANNED_PERSONAS)).toEqual([]);
});

test('nor does any of the twelve take another for its own', () => {
  const names = [...all.keys()];
  expect(names.toSorted()).toEqual([...new Set([...DEFAULT_PERSONAS, ...PLANNED_PERSONAS])].toSorted());
  expect(names.flatMap((name) => mistakes(name, names))).toEqual([]);
});

test('many answers of creative to one question repeat themselves less than those of any other', () => {
  const shareOf = (persona: Persona): number => {
    const written = Array.from({ length: 200 }, (_, round) =>
      persona
        .demonstrate(SUM, stream(3, 'distinct', round))
        .trim()
        .split(/\s+/),
    );
    // One word has no neighbours.
    return distinctShare(written, 2) ?? 0;
  };
  const { creative, ...others } = Object.fromEntries([...all].map(([name, one]) => [name, shareOf(one)]));
  expect(Object.keys(others)).toHaveLength(11);
  expect(creative).toBeGreaterThan(3 * Math.max(...Object.values(others)));
});
