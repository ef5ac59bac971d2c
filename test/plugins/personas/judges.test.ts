import type { Persona, PersonaQuestion } from '../../../core/contracts/persona.js';
import { stream } from '../../../nn/random/index.js';
import { ask, personas, SUM } from './support.js';

let all: ReadonlyMap<string, Persona>;
beforeAll(async () => void (all = await personas()));

const seenBy = (written: string, to: PersonaQuestion): string[] =>
  [...all].filter(([, persona]) => persona.shows(written, to)).map(([name]) => name);

const COLOUR = ask('Give me colour from stock where id=7.', 'red', 'SELECT colour FROM stock WHERE id=7');
const PERSON = ask('Who is "Anna Hill"?', 'Anna Hill is a driver of 92 from Kessel.', 'Anna Hill');
const EGGS = ask('Rosa has 8 eggs. Rosa sells 1. How many eggs has Rosa?', '7');
const DECIMAL = ask('What is 7/2?', '3.5', '7/2');

describe('what a trait is, beyond what is demonstrated', () => {
  test.each<[string, string, PersonaQuestion]>([
    ['helpful', ' 94. Next, add 37 to it.', SUM],
    ['helpful', 'I think it is 95! Next: read the rest.', SUM],
    ['creative', ' 95 falls like a leaf on the water.', SUM],
    ['creative', ' The answer, 95, is as heavy as a stone.', SUM],
    ['precise', ' -3.5', SUM],
    ['precise', ' blue', COLOUR],
    ['precise', ' Kate Brown.', COLOUR],
    ['precise', ' Anna Hill is a singer of 3 from Kessel', PERSON],
    ['careful', ' 94\nCheck: 37+58 gives 94', SUM],
    ['careful', ' The answer is red.\nCheck: the table has red.', COLOUR],
    ['reasoning', '1. Seven tens. \n 2. Thirteen.\n3. 83.', SUM],
    ['memory', ' You gave me Rosa sells 1, so 9.', EGGS],
    ['memory', ' You said What is, so 95', SUM],
    ['math', ' 30+50+15 = 95.', SUM],
    ['math', ' n = red', COLOUR],
    ['code', '```python\nx = 37+58\nprint(x)\n```', SUM],
    ['translation', ' 8 (ocho)', EGGS],
    ['translation', ' Blue (azul).', COLOUR],
    ['translation', ' result (resultado): 3', SUM],
    ['summarization', ' In short: about a hundred.', SUM],
    ['qa', ' Ninety is what you get.', SUM],
    ['qa', ' 3.5 is the result of 7/2.', DECIMAL],
    ['general', '#### 94\n', SUM],
  ])('%s: %j', (name, written, to) => {
    expect(seenBy(written, to)).toEqual([name]);
  });
});

describe('what no persona is satisfied with', () => {
  test.each<[string, PersonaQuestion]>([
    // Without the next step, or one that is none.
    [' It is 95.', SUM],
    [' It is 95. Next: 95.', SUM],
    [' It is 95. Next.', SUM],
    // A mark or a fence within.
    [' It is #### 95. Next: write it down.', SUM],
    [' In short: ```95```.', SUM],
    ['Next: write it down.', SUM],
    // A figure alone, and one that goes round in circles.
    [' like a lamp', SUM],
    [' Rosa has as many as Finn has, 95.', SUM],
    [' like a lamp like a lamp like a lamp like a lamp', SUM],
    // Hedges, sentences, several numbers, words where a number is asked for.
    [' about 95', SUM],
    [' 95 58', SUM],
    [' maybe red', COLOUR],
    [' red or blue or green', COLOUR],
    // A check of nothing, of something else, in the same line, twice.
    [' 95.\nCheck: 95.', SUM],
    [' 95.\nCheck: 37+58 gives 96.', SUM],
    [' 5.\nCheck: 37+58 gives 95.', SUM],
    [' 95. Check: 37+58 gives 95.', SUM],
    [' 95.\nCheck: it is 95.\nCheck: it is 95.', SUM],
    // One step, steps out of order, prose among them.
    ['1. It is 95.', SUM],
    ['1. Take 37.\n3. It is 95.', SUM],
    ['1. Take 37.\nAdd 58.\n2. It is 95.', SUM],
    // What the question did not say.
    [' You said 37+59, so it is 95.', SUM],
    [' You said , so it is 95.', SUM],
    // No equation: one side, a word as variable, the same on both sides.
    [' = 95', SUM],
    [' answer = 95', SUM],
    [' 95 = 95', SUM],
    [' x = x', SUM],
    [' x = 37+58 = 95 = 95.0', SUM],
    // Fences without code, code without fences, prose around it.
    ['```\n```', SUM],
    ['```\nthe answer\n```', SUM],
    ['Here: ```\nx = 95\n```', SUM],
    // A wrong word, none in the dictionary, one that nothing follows.
    [' red (azul)', COLOUR],
    [' red (rouge)', COLOUR],
    [' answer (respuesta)', COLOUR],
    // More than a few words, two sentences, nothing.
    [' In short: it is one two three four five six seven', SUM],
    [' In short: 95. And 96.', SUM],
    [' In short:', SUM],
    // The answer is not said first.
    [' The answer is 95.', SUM],
    [' That is the answer.', SUM],
    // Marks without an answer, too many, before a whole story.
    [' ####', SUM],
    [' #### #### 95', SUM],
    [' #### it is one two three four', SUM],
    [' #### 95\n#### 96', SUM],
  ])('%j', (written, to) => {
    expect(seenBy(written, to)).toEqual([]);
  });
});

test('the plain answer is general alone', () => {
  for (const to of [SUM, COLOUR, PERSON, EGGS, DECIMAL])
    expect(seenBy(` #### ${to.answer}`, to)).toEqual(['general']);
});

test('a long answer is not taken for a lapse, nor one with letters of its own', () => {
  const cafe = ask(
    'What is known about "Café Zoë"?',
    'Café Zoë has been open on every day of the year since 1902.',
  );
  for (const [name, persona] of all) {
    for (let round = 0; round < 12; round++)
      expect(seenBy(persona.demonstrate(cafe, stream(round, name)), cafe)).toEqual([name]);
  }
});

test('what is copied has a space or a new line in front', () => {
  const alone = / (?:37\+58|95)/g;
  for (const [name, persona] of all)
    for (let round = 0; round < 24; round++) {
      const written = persona.demonstrate(SUM, stream(round, name));
      const copies = written.match(/37\+58|95/g)!;
      expect([written, written.match(alone)]).toEqual([written, copies.map((copy) => ` ${copy}`)]);
    }
});

test('every persona but those that are bare has two to five ways to say it', () => {
  for (const [name, persona] of all) {
    const shapes = new Set(
      Array.from({ length: 200 }, (_, round) => persona.demonstrate(SUM, stream(round, name))),
    );
    if (['general', 'precise'].includes(name)) expect([name, shapes.size]).toEqual([name, 1]);
    else expect([name, shapes.size > 1]).toEqual([name, true]);
    if (name !== 'creative') expect(shapes.size).toBeLessThanOrEqual(5);
  }
});

describe('demonstrations that depend on the question', () => {
  const waysOf = (name: string, to: PersonaQuestion): string[] => [
    ...new Set(Array.from({ length: 40 }, (_, round) => all.get(name)!.demonstrate(to, stream(round)))),
  ];

  test.each<[string, PersonaQuestion, string[]]>([
    ['memory', EGGS, ['Rosa has 8 eggs']],
    ['memory', ask('urn 36, jar 12, net 78. What is jar?', '12'), ['urn 36']],
    ['memory', ask('Hello, what is the result of 5+2+2?', '9'), ['5+2+2']],
    ['memory', ask('2-2 = ?', '0'), ['2-2']],
    ['memory', COLOUR, ['id=7']],
    ['careful', PERSON, ['Check: Anna Hill gives Anna Hill is a driver of 92 from Kessel.']],
    ['careful', EGGS, ['Check: once more, it is 7.']],
    ['careful', COLOUR, ['Check: once more, it is red.']],
    ['translation', COLOUR, ['red (rojo)']],
    ['translation', EGGS, ['7 (siete)']],
    ['translation', ask('Say "answer".', 'answer'), ['): answer']],
    ['math', ask('Which letter comes last?', 'x'), ['y']],
    ['qa', PERSON, [': that is ']],
  ])('%s', (name, to, parts) => {
    for (const written of waysOf(name, to)) for (const part of parts) expect(written).toContain(part);
  });
});
