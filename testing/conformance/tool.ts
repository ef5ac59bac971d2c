import type { TaskSide, Tool, ToolLimits, ToolOutcome, ToolQuestion } from '../../core/contracts/tool.js';
import { stream } from '../../nn/random/index.js';
import { DEFAULT_TOOL_LIMITS } from '../../nn/tools/index.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { ConformanceError, expectEqual, expectThat } from '../expect.js';
import { AWKWARD_TEXTS } from '../fixtures/events.js';

export interface ToolConformanceOptions {
  /** Arguments to try besides the usual ones: what its language makes possible. */
  readonly args?: readonly string[];
  /** Whether it has questions of its own. Default true. */
  readonly asks?: boolean;
  /** Questions of each difficulty and side. Default 40. */
  readonly questions?: number;
  /** Most words of a wording of the manual. Default 16. */
  readonly words?: number;
  /** Most seconds that one call may take. Default 5. */
  readonly seconds?: number;
  readonly seed?: number;
}

type Settings = Required<ToolConformanceOptions>;

const DIFFICULTIES = [1, 25, 50, 75, 100];
const SIDES: readonly TaskSide[] = ['train', 'held-out'];
const FAILURES: readonly string[] = ['syntax', 'not-found', 'arithmetic', 'limit', 'forbidden'];

/** Names and ways by which a program gets hold of its host, if anything lets it. */
const HOSTILE = [
  ...[
    'process',
    'require',
    'constructor',
    '__proto__',
    'prototype',
    'globalThis',
    'this',
    'eval',
    'toString',
  ],
  ...['process.exit(1)', 'require("fs")', 'import("node:fs")', 'constructor.constructor("return 1")()'],
  ...['__proto__=1', '../../etc/passwd', '/etc/passwd', '..\\..\\secret', 'C:\\secret', 'file:///etc/passwd'],
  ...[
    'a\u0000b',
    "'; DROP TABLE people; --",
    '${1+1}',
    '`ls`',
    '$(ls)',
    '<|tool|>x<|/tool|>',
    '%2e%2e/secret',
  ],
];

/** Texts of a size that no model writes. */
const ENORMOUS = ['(', '-', '{', '1+', '9', 'a', ' ', '\n', '.', '/', '\u{1F600}'].map((part) =>
  part.repeat(50_000),
);

/** Pieces that random texts are made of. */
const PIECES = [
  ...'0123456789abcxyz_+-*/%()[]{}<>=!;:,.\'"`$\\|&^~?@# \t\n\u0000\u00e9\ud800',
  ...[
    'while ',
    'print ',
    'repeat ',
    'SELECT ',
    ' FROM ',
    ' WHERE ',
    'id',
    '../',
    '999999999',
    '__proto__',
    'if ',
  ],
];

/**
 * What every tool must do: give an outcome for any text, the same one each time and within its limits, come with a manual
 * that a model can learn, and ask questions that it answers itself.
 */
export function toolConformance(
  subject: Subject<Tool>,
  options: ToolConformanceOptions = {},
): ConformanceCase[] {
  const settings = { args: [], asks: true, questions: 40, words: 16, seconds: 5, seed: 7, ...options };
  return [
    ...runningCases(subject, settings),
    ...manualCases(subject, settings),
    ...askingCases(subject, settings),
  ];
}

function runningCases(subject: Subject<Tool>, settings: Settings): ConformanceCase[] {
  return casesOf(subject, {
    'gives an outcome for any text': (tool) => {
      for (const args of textsFor(tool, settings)) outcomeOf(tool, args, DEFAULT_TOOL_LIMITS);
    },
    'gives the same outcome for the same text, whatever it was asked before': async (tool) => {
      const texts = textsFor(tool, settings);
      const first = texts.map((args) => tool.run(args, DEFAULT_TOOL_LIMITS));
      const fresh = await subject();
      [...texts.keys()].reverse().forEach((i) => {
        const again = fresh.run(texts[i]!, DEFAULT_TOOL_LIMITS);
        expectEqual(again, first[i], `a second outcome of ${nameOf(texts[i]!)}`);
      });
    },
    'stays within its limits': (tool) => {
      const small = { steps: 3, characters: 2, cells: 1 };
      for (const args of textsFor(tool, settings)) outcomeOf(tool, args, small);
    },
    'ends soon, however large the text': (tool) => {
      for (const args of [...ENORMOUS, ...settings.args]) {
        const started = performance.now();
        outcomeOf(tool, args, DEFAULT_TOOL_LIMITS);
        const seconds = (performance.now() - started) / 1000;
        expectThat(seconds <= settings.seconds, `${nameOf(args)} took ${seconds.toFixed(1)} seconds`);
      }
    },
  });
}

function manualCases(subject: Subject<Tool>, { words }: Settings): ConformanceCase[] {
  return casesOf(subject, {
    'has a manual with wordings to train on and others to measure with': ({ manual }) => {
      expectThat(manual.wordings.length >= 2, 'there are fewer than two wordings to train on');
      expectThat(manual.heldOut.length >= 1, 'there is no wording to measure with');
      const all = [...manual.wordings, ...manual.heldOut, manual.short];
      expectThat(new Set(all).size === all.length, 'a wording is there twice');
    },
    'has short wordings of one line that name the tool by its tag': ({ manual }) => {
      const tag = /<\|[a-z0-9-]+\|>/.exec(manual.short)?.[0];
      expectThat(tag !== undefined, `the short form names no tag: ${manual.short}`);
      for (const wording of [...manual.wordings, ...manual.heldOut, manual.short]) {
        expectThat(!/[\r\n]/.test(wording) && wording.trim() === wording, `is not one line: ${wording}`);
        expectThat(wording.split(tag).length === 2, `does not name ${tag} once: ${wording}`);
        expectThat(wording.split(/\s+/).length <= words, `has more than ${words} words: ${wording}`);
      }
      const shortest = Math.min(...manual.wordings.map(({ length }) => length));
      expectThat(manual.short.length < shortest, 'the short form is no shorter than a wording');
    },
  });
}

function askingCases(subject: Subject<Tool>, settings: Settings): ConformanceCase[] {
  if (!settings.asks)
    return casesOf(subject, {
      'asks nothing': (tool) => {
        expectThat(tool.ask === undefined, 'it has questions: leave `asks: false` out');
      },
    });
  return casesOf(subject, {
    'asks questions of one line on both sides, and answers them': (tool) => {
      for (const { question, args } of SIDES.flatMap((side) => questionsOf(tool, side, settings))) {
        expectThat(
          question.trim() !== '' && !/[\r\n]/.test(question),
          `is not one line: ${nameOf(question)}`,
        );
        const outcome = outcomeOf(tool, args, DEFAULT_TOOL_LIMITS);
        expectThat(outcome.ok, `it cannot answer its own question ${nameOf(question)}: ${nameOf(args)}`);
      }
    },
    'asks the same questions with the same random numbers': async (tool) => {
      const first = SIDES.map((side) => questionsOf(tool, side, settings));
      const fresh = await subject();
      expectEqual(
        SIDES.map((side) => questionsOf(fresh, side, settings)),
        first,
        'questions of a second tool',
      );
    },
    'shares no arguments and no wordings between the sides': (tool) => {
      const [train, heldOut] = SIDES.map((side) => questionsOf(tool, side, settings)) as [Asked, Asked];
      for (const [what, of] of Object.entries({
        arguments: (one: ToolQuestion) => one.args,
        wording: wordingOf,
      })) {
        const known = new Set(train.map(of));
        const shared = heldOut.map(of).find((one) => known.has(one));
        expectThat(shared === undefined, `both sides have the ${what} ${nameOf(shared ?? '')}`);
      }
    },
  });
}

type Asked = readonly ToolQuestion[];

function questionsOf(tool: Tool, side: TaskSide, { questions, seed }: Settings): Asked {
  expectThat(tool.ask !== undefined, 'it asks nothing: say `asks: false`');
  const random = stream(seed, 'tool-conformance', side);
  return DIFFICULTIES.flatMap((difficulty) =>
    Array.from({ length: questions }, () => tool.ask!(random, difficulty, side)),
  );
}

/** A question without what it shares with its arguments. */
function wordingOf({ question, args }: ToolQuestion): string {
  const words = new Set(args.toLowerCase().match(/[\p{L}\p{N}]+/gu));
  return question.replace(/[\p{L}\p{N}]+/gu, (word) => (words.has(word.toLowerCase()) ? '_' : word));
}

/** Awkward, hostile and random texts, and its own questions' arguments with a piece changed. */
function textsFor(tool: Tool, settings: Settings): string[] {
  const random = stream(settings.seed, 'tool-conformance', 'texts');
  const piece = (): string => PIECES[random.integer(PIECES.length)]!;
  const pieces = (most: number): string => Array.from({ length: random.integer(most + 1) }, piece).join('');
  const asked = settings.asks ? questionsOf(tool, 'train', { ...settings, questions: 8 }) : [];
  const known = [...settings.args, ...asked.map(({ args }) => args)];
  const changed = known.map((args) => {
    const at = random.integer(args.length + 1);
    return args.slice(0, at) + pieces(2) + args.slice(at + random.integer(3));
  });
  return [
    '',
    ...AWKWARD_TEXTS,
    ...HOSTILE,
    ...known,
    ...changed,
    ...Array.from({ length: 300 }, () => pieces(24)),
  ];
}

/** @throws ConformanceError when it throws, or gives what is no outcome or is too long */
function outcomeOf(tool: Tool, args: string, limits: ToolLimits): ToolOutcome {
  let outcome: ToolOutcome;
  try {
    outcome = tool.run(args, limits);
  } catch (error) {
    throw new ConformanceError(`${nameOf(args)} makes it throw`, { cause: error });
  }
  const { ok, text, failure, message } = outcome as Partial<
    Record<'ok' | 'text' | 'failure' | 'message', unknown>
  >;
  if (ok === true) {
    expectThat(typeof text === 'string', `${nameOf(args)} gives no text`);
    expectThat(
      [...text].length <= limits.characters,
      `${nameOf(args)} gives more than ${limits.characters} characters`,
    );
  } else {
    expectThat(ok === false, `${nameOf(args)} gives no outcome`);
    expectThat(FAILURES.includes(failure as string), `${nameOf(args)} fails with ${String(failure)}`);
    expectThat(typeof message === 'string' && message !== '', `${nameOf(args)} fails without a message`);
  }
  return outcome;
}

/** A text as a message can show it. */
function nameOf(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
