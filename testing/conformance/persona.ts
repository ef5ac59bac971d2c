import type { Persona, PersonaQuestion } from '../../core/contracts/persona.js';
import { stream } from '../../nn/random/index.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { ConformanceError, expectEqual, expectThat } from '../expect.js';
import { AWKWARD_TEXTS } from '../fixtures/events.js';

export interface PersonaConformanceOptions {
  /** Questions that are answered. Default: numbers, words, lists and sentences, with arguments and without. */
  readonly questions?: readonly PersonaQuestion[];
  /** Demonstrations of each question. Default 12. */
  readonly demonstrations?: number;
  /** Most words of a wording. Default 14. */
  readonly words?: number;
  /** Texts that must not show the trait. Default: sentences in other languages, pictures. */
  readonly never?: readonly string[];
  readonly seed?: number;
}

type Settings = Required<PersonaConformanceOptions>;

const ask = (question: string, answer: string, args: string | null = null): PersonaQuestion =>
  Object.freeze({ question, answer, args });

const QUESTIONS: readonly PersonaQuestion[] = [
  ask('What is 37+58?', '95', '37+58'),
  ask('How much is (5-7/6)+8?', '11.833333', '(5-7/6)+8'),
  ask('Work out 3-9.', '-6', '3-9'),
  ask('Rosa has 8 eggs. Rosa sells 1. How many eggs has Rosa?', '7'),
  ask('What is true or not false?', 'true'),
  ask('Put 0 11 3 in order.', '0 3 11'),
  ask('What closes (){ ?', '}'),
  ask('Run "x=2;repeat 5{x=x*3}print x".', '486', 'x=2;repeat 5{x=x*3}print x'),
  ask('What is the name in people with id=3?', 'Kate Brown', 'SELECT name FROM people WHERE id=3'),
  ask('What is in "home/engine.txt"?', '74 red pens', 'home/engine.txt'),
  ask('Who is "Anna Hill"?', 'Anna Hill is a driver of 92 from Kessel.', 'Anna Hill'),
];

const NEVER: readonly string[] = [
  'La respuesta es noventa y cinco, o eso creo yo.',
  'Das Ergebnis ist f\u00fcnfundneunzig, wenn ich mich nicht irre.',
  '\u7b54\u6848\u662f\u4e5d\u5341\u4e94',
  '\u05d4\u05ea\u05e9\u05d5\u05d1\u05d4 \u05d4\u05d9\u05d0 \u05ea\u05e9\u05e2\u05d9\u05dd',
  '\u{1F389}',
  ' \u{1F389} \u{1F389} \u{1F44D}',
];

/** Pieces that random texts are made of: of the manners of many. */
const PIECES = [
  ...'0123456789 \n.:,;!?#`=+-*/()[]{}"\'\u0000\u00e9\ud800',
  ...[' 95', '#### ', '```\n', '\n1. ', 'Check: ', 'Next: ', 'like a ', 'the answer ', 'is ', 'So ', 'x = '],
];

/** Texts of a size that no model writes. */
const ENORMOUS = ['9', 'a', ' ', '\n', '= ', 'is ', '1. a\n', ' 95.', '```\n', '\u{1F600}'].map((part) =>
  part.repeat(50_000),
);

/**
 * What every persona must do: show its trait in what it demonstrates, whether the answer is right or not, judge any text
 * without failing, take neither silence nor its own instruction for the trait, and come with texts that can be learnt.
 */
export function personaConformance(
  subject: Subject<Persona>,
  options: PersonaConformanceOptions = {},
): ConformanceCase[] {
  const usual = { questions: QUESTIONS, demonstrations: 12, words: 14, never: NEVER, seed: 7 };
  const settings = { ...usual, ...options };
  return [
    ...textCases(subject, settings),
    ...demonstrationCases(subject, settings),
    ...judgingCases(subject, settings),
  ];
}

function textCases(subject: Subject<Persona>, { words }: Settings): ConformanceCase[] {
  return casesOf(subject, {
    'has wordings to learn with and others to measure with': ({ texts }) => {
      expectThat(texts.wordings.length >= 2, 'there are fewer than two wordings to learn with');
      expectThat(texts.heldOut.length >= 1, 'there is no wording to measure with');
      const all = wordingsOf(texts).map((wording) => wording.toLowerCase());
      expectThat(new Set(all).size === all.length, 'a wording is there twice');
    },
    'has short wordings of one line without tags': ({ texts }) => {
      for (const wording of wordingsOf(texts)) {
        const isLine = wording !== '' && !/[\r\n]/.test(wording) && wording.trim() === wording;
        expectThat(isLine, `is not one line: ${nameOf(wording)}`);
        expectThat(!/<\|.*?\|>|<\/?[a-z]+>/.test(wording), `has a tag: ${nameOf(wording)}`);
        expectThat(wording.split(/\s+/).length <= words, `has more than ${words} words: ${nameOf(wording)}`);
      }
    },
    'says in a few words what its trait is': ({ trait }) => {
      const isLine = trait !== '' && !/[\r\n]/.test(trait) && trait.trim() === trait;
      expectThat(isLine, `is not one line: ${nameOf(trait)}`);
    },
  });
}

function demonstrationCases(subject: Subject<Persona>, settings: Settings): ConformanceCase[] {
  return casesOf(subject, {
    'demonstrates with what can stand behind "Answer:" and has the answer in it': (persona) => {
      for (const [written, { answer }] of demonstrationsOf(persona, settings)) {
        expectThat(/^[ \n]\S/.test(written), `begins with no space or new line: ${nameOf(written)}`);
        expectThat(written.trimEnd() === written, `ends with white space: ${nameOf(written)}`);
        const whole = written.includes(answer.replace(/\.$/, ''));
        expectThat(whole, `the answer ${nameOf(answer)} is not in it: ${nameOf(written)}`);
      }
    },
    'demonstrates the same with the same random numbers': async (persona) => {
      const first = demonstrationsOf(persona, settings);
      expectEqual(demonstrationsOf(await subject(), settings), first, 'demonstrations of a second persona');
    },
    'shows its trait in every demonstration': (persona) => {
      for (const [written, to] of demonstrationsOf(persona, settings))
        expectThat(verdictOf(persona, written, to), `the trait is not seen in ${nameOf(written)}`);
    },
    'shows it in wrong answers, too': (persona) => {
      const asked = new Map(settings.questions.map((to) => [to.question, to]));
      const questions = settings.questions.map((to) => ({ ...to, answer: otherThan(to.answer) }));
      for (const [written, { question }] of demonstrationsOf(persona, { ...settings, questions })) {
        const to = asked.get(question)!;
        expectThat(verdictOf(persona, written, to), `the trait is not seen in ${nameOf(written)}`);
      }
    },
  });
}

function judgingCases(subject: Subject<Persona>, settings: Settings): ConformanceCase[] {
  const { questions, never } = settings;
  return casesOf(subject, {
    'judges any text, and the same text the same': async (persona) => {
      const fresh = await subject();
      const texts = textsFor(persona, settings);
      for (const to of questions)
        for (const written of texts) {
          const verdict = verdictOf(persona, written, to);
          expectEqual(
            verdictOf(fresh, written, { ...to }),
            verdict,
            `a second verdict on ${nameOf(written)}`,
          );
        }
    },
    'sees no trait in nothing, in endless text and in other languages': (persona) => {
      for (const to of questions)
        for (const written of ['', ' ', '\n', ' \n\n ', ...ENORMOUS, ...never])
          expectThat(!verdictOf(persona, written, to), `the trait is seen in ${nameOf(written)}`);
    },
    'sees no trait where its instruction is repeated': (persona) => {
      for (const to of questions)
        for (const wording of wordingsOf(persona.texts))
          for (const written of parrotsOf(wording, to.answer))
            expectThat(!verdictOf(persona, written, to), `the trait is seen in ${nameOf(written)}`);
    },
  });
}

function wordingsOf({ wordings, heldOut }: Persona['texts']): string[] {
  return [...wordings, ...heldOut];
}

/** An instruction said again, alone and beside the answer. */
function parrotsOf(wording: string, answer: string): string[] {
  return [
    wording,
    ` ${wording}`,
    ` ${answer}. ${wording}`,
    ` ${answer}\n${wording}`,
    ` ${wording} ${answer}`,
  ];
}

function demonstrationsOf(
  persona: Persona,
  { questions, demonstrations, seed }: Settings,
): (readonly [written: string, to: PersonaQuestion])[] {
  return questions.flatMap((to, place) =>
    Array.from({ length: demonstrations }, (_, round) => {
      const random = stream(seed, 'persona-conformance', place, round);
      return [persona.demonstrate(to, random), to] as const;
    }),
  );
}

/** An answer of the same shape with other digits and letters. */
function otherThan(answer: string): string {
  return answer
    .replace(/\d/g, (digit) => String((Number(digit) + 1) % 10))
    .replace(/[a-y]/gi, (letter) => String.fromCharCode(letter.charCodeAt(0) + 1));
}

/** Awkward, enormous and random texts, and its own demonstrations with a piece changed. */
function textsFor(persona: Persona, settings: Settings): string[] {
  const random = stream(settings.seed, 'persona-conformance', 'texts');
  const pieces = (most: number): string =>
    Array.from({ length: random.integer(most + 1) }, () => PIECES[random.integer(PIECES.length)]!).join('');
  const changed = demonstrationsOf(persona, { ...settings, demonstrations: 2 }).map(([written]) => {
    const at = random.integer(written.length + 1);
    return written.slice(0, at) + pieces(2) + written.slice(at + random.integer(3));
  });
  return [...AWKWARD_TEXTS, ...ENORMOUS, ...changed, ...Array.from({ length: 200 }, () => pieces(24))];
}

/** @throws ConformanceError when it throws or gives no verdict */
function verdictOf(persona: Persona, written: string, to: PersonaQuestion): boolean {
  let verdict: unknown;
  try {
    verdict = persona.shows(written, to);
  } catch (error) {
    throw new ConformanceError(`${nameOf(written)} makes it throw`, { cause: error });
  }
  expectThat(typeof verdict === 'boolean', `${nameOf(written)} gets no verdict`);
  return verdict;
}

/** A text as a message can show it. */
function nameOf(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
