import fc from 'fast-check';
import type { DataRecord } from '../../../core/contracts/dataset.js';
import { reasoning } from '../../../plugins/datasets/index.js';
import { checkTrace } from '../../../plugins/datasets/procedural/reasoning/index.js';
import { silentLogger } from '../../../testing/index.js';
import { load } from './support.js';

jest.setTimeout(60_000);

const context = (seed: number) => ({ root: null, cache: '', seed, log: silentLogger });

function record(
  family: string,
  strategy: string,
  question: string,
  thoughts: string,
  answer: string,
): DataRecord {
  const input = `Question: ${question}\nAnswer:`;
  const output = ` #### ${answer}`;
  const trace = `<think>${thoughts}</think>`;
  return { input, output, text: input + output, metadata: { family, strategy, trace, answer } };
}

const PUPILS = 'Ben is before Mia. Eva is before Ben. Mia is before Leo.';
const BAGS = 'Bag K: 3 red 1 blue. Bag M: 1 red 3 blue. Drawn and put back: red, red. Which bag fits best?';
const TABLE = 'Table: a>d c>f d>c f>b e>a. Start at a, 3 hops. Where?';

/** Written by hand: family, strategy, question, thoughts, answer. */
const RIGHT: readonly (readonly [string, string, string, string, string])[] = [
  // 3+4 = 7, 7*2 = 14 -> 4, 4-9 = -5 -> 5
  [
    'arithmetic',
    'chain-of-thought',
    'Mod 10, left to right: 3+4*2-9 = ?',
    '<step>3+4=7<step>7*2=4<step>4-9=5',
    '5',
  ],
  ['arithmetic', 'chain-of-thought', 'What is 3+4*2 mod 6, left to right?', '<step>3+4=1<step>1*2=2', '2'],
  [
    'arithmetic',
    'decomposition',
    'What is 3-4+9-2? Split it up.',
    '<mece>3+9=12<mece>4+2=6<step>12-6=6',
    '6',
  ],
  ['arithmetic', 'decomposition', '7-4 = ? Split it up.', '<mece>7<mece>4<step>7-4=3', '3'],
  ['arithmetic', 'falsification', '3+4-2 = ? Rule one out.', '<step>3+4=7<falsify>6+2=8!=7<step>7-2=5', '5'],
  [
    'arithmetic',
    'expert',
    'Mod 10, left to right: 8+7+9 = ? Use a rule.',
    '<expert>mod last<step>8+7=15<step>15+9=24<step>24%10=4',
    '4',
  ],
  ['arithmetic', 'self-doubt', 'What is 3+4-2? Check it.', '<step>3+4=7<step>7-2=5<doubt>5+2=7<step>5', '5'],
  [
    'word-problems',
    'chain-of-thought',
    'Mia has 5 pens, loses 2, doubles them. How many pens now?',
    '<step>5-2=3<step>3*2=6',
    '6',
  ],
  [
    'word-problems',
    'decomposition',
    'Mia has 5 pens, finds 3, loses 2. How many pens now? Split it up.',
    '<mece>5+3=8<mece>2<step>8-2=6',
    '6',
  ],
  [
    'word-problems',
    'multi-domain',
    'Mia has 5 pens. Mia gets 3. Mia sells 2. How many pens has Mia? See it in two ways.',
    '<reason>up down<reason>5+3=8,8-2=6',
    '6',
  ],
  ['logic', 'chain-of-thought', `${PUPILS} Who is first?`, '<step>Ben after Eva<step>Eva', 'Eva'],
  ['logic', 'chain-of-thought', `${PUPILS} Who is last?`, '<step>Mia before Leo<step>Leo', 'Leo'],
  [
    'logic',
    'falsification',
    `${PUPILS} Who is last? Rule one out.`,
    '<falsify>Mia before Leo<step>Leo',
    'Leo',
  ],
  [
    'logic',
    'multi-domain',
    `${PUPILS} Who is first? See it in two ways.`,
    '<reason>Ben after Eva<reason>Ben 1 Eva 2<step>Eva',
    'Eva',
  ],
  [
    'logic',
    'chain-of-thought',
    'k is true. m is not k. d is m. b is not d. Which are false?',
    '<step>m=F<step>d=F<step>b=T<step>m d',
    'm d',
  ],
  [
    'logic',
    'expert',
    'List what is false: k is true, m is not k, d is m, b is not d. Use a rule.',
    '<expert>odd nots flip<step>m=1 d=1 b=2<step>m d',
    'm d',
  ],
  ['logic', 'bayesian', `${BAGS} Weigh them.`, '<reason>K=3 M=1<reason>K=3*3=9 M=1*1=1<step>K 9', 'K 9'],
  ['sequences', 'chain-of-thought', 'What comes next: 2 5 4 7 6?', '<step>+3-1+3-1<step>6+3=9', '9'],
  ['sequences', 'chain-of-thought', 'Continue 1 2 4 7 11.', '<step>+1+2+3+4<step>4+1=5<step>11+5=16', '16'],
  [
    'sequences',
    'expert',
    'Continue 1 2 4 7 11. Use a rule.',
    '<expert>step grows 1<step>11-7=4<step>4+1=5<step>11+5=16',
    '16',
  ],
  ['sequences', 'decomposition', 'Continue 2 9 4 8 6. Split it up.', '<mece>2 4 6<mece>9 8<step>8-1=7', '7'],
  [
    'sequences',
    'falsification',
    'Continue 2 5 4 7 6. Rule one out.',
    '<falsify>5+3=8!=4<step>+3-1+3-1<step>6+3=9',
    '9',
  ],
  [
    'sequences',
    'self-doubt',
    'Continue 2 9 4 8 6. Check it.',
    '<step>9-1=8<step>8-1=7<doubt>7+1=8<step>7',
    '7',
  ],
  [
    'code',
    'chain-of-thought',
    'x=3; y=4; x=x+y; if x>5: y=y+1. What is y?',
    '<step>x=3+4=7<step>7>5 yes<step>y=4+1=5',
    '5',
  ],
  [
    'code',
    'chain-of-thought',
    'x=3; y=4; x=y-1; if x>5: y=y+1. What is y?',
    '<step>x=4-1=3<step>3>5 no<step>y=4',
    '4',
  ],
  [
    'code',
    'expert',
    'Run x=3; y=4; repeat 3: y=y+2. Then y is? Use a rule.',
    '<expert>repeat 3*2=6<step>y=4+6=10',
    '10',
  ],
  [
    'code',
    'self-doubt',
    'x=3; y=4; repeat 2: y=y-2. What is y? Check it.',
    '<step>y=4-2=2<step>y=2-2=0<doubt>0+2=2<step>y=0',
    '0',
  ],
  ['lookup', 'chain-of-thought', TABLE, '<step>a>d<step>d>c<step>c>f', 'f'],
  ['lookup', 'falsification', `${TABLE} Rule one out.`, '<step>a>d<step>d>c<falsify>f>b,f!=c<step>c>f', 'f'],
  ['lookup', 'self-doubt', `${TABLE} Check it.`, '<step>a>d<step>d>c<step>c>f<doubt>f from c<step>f', 'f'],
];

describe('written by hand', () => {
  it.each(RIGHT)('%s, %s: %s', (...given) => {
    expect(checkTrace(record(...given))).toBeNull();
  });

  const [, , question] = RIGHT[4]!;
  it.each([
    ['<step>3+4=7<falsify>6+2=8!=7<step>7-2=6', '6', 'does not hold'],
    ['<step>3+4=7<falsify>5+2=7!=7<step>7-2=5', '5', 'is right'],
    ['<step>3+4=7<falsify>6+2=8!=8<step>7-2=5', '5', 'contradicts nothing'],
    ['<step>3+4=7<step>7-2=5', '5', 'needs <falsify>'],
    ['<falsify>6+2=8!=7<step>7-2=5', '5', 'where <step> is expected'],
    ['<step>3+4=7<falsify>6+2=8!=7', '5', 'the trace ends'],
    ['<step>3+4=7<falsify>6+2=8!=7<step>7-2=5<step>5', '5', 'one thought too many'],
    ['<step>3+4=7<falsify>6+2=8!=7<step>7-2=5', '6', 'the last result is 5'],
    ['<step>4+3=7<falsify>6+2=8!=7<step>7-2=5', '5', 'should be about 3+4'],
    ['<step>3+4=7<falsify>6+2=8!=7<step>', '5', 'says nothing'],
    ['well <step>3+4=7<falsify>6+2=8!=7<step>7-2=5', '5', 'outside of the tags'],
    ['<step>3+4=7<think><falsify>6+2=8!=7<step>7-2=5', '5', 'does not belong inside'],
    ['<step>3+4=7</think><falsify>6+2=8!=7<step>7-2=5', '5', 'does not belong inside'],
  ])('%s with the answer %s: %s', (thoughts, answer, flaw) => {
    expect(checkTrace(record('arithmetic', 'falsification', question, thoughts, answer))).toContain(flaw);
  });

  it('wants the trace in its tags, the cue, and an output that is the answer', () => {
    const right = record(...RIGHT[4]!);
    const trace = String(right.metadata!['trace']);
    const changed = (metadata: object): string | null =>
      checkTrace({ ...right, metadata: { ...right.metadata, ...metadata } });
    expect(changed({ trace: trace.replace('</think>', '') })).toContain('end with </think>');
    expect(changed({ trace: `${trace} 5` })).toContain('end with </think>');
    expect(changed({ strategy: 'self-doubt' })).toContain('Check it.');
    expect(changed({ strategy: 'luck' })).toContain('no strategy');
    expect(changed({ family: 'constructor' })).toContain('no family');
    expect(checkTrace({ ...right, output: ' #### 6' })).toContain('output');
    expect(checkTrace({ text: right.text })).not.toBeNull();
  });
});

describe('generated', () => {
  it('every trace of every family, strategy and size follows its question', async () => {
    const found = new Set<string>();
    for (const [seed, options] of SIZES.entries()) {
      for (const one of await load(reasoning({ ...options, newFamilies: [], count: 1000 }), context(seed))) {
        const { family, strategy, trace } = one.metadata!;
        expect([one.input, trace, checkTrace(one)]).toEqual([one.input, trace, null]);
        found.add(`${family} ${strategy}`);
      }
    }
    expect([...found].sort()).toEqual(
      [...new Set([...RIGHT.map(([family, strategy]) => `${family} ${strategy}`), ...UNWRITTEN])].sort(),
    );
  });

  it('another digit, letter or sign anywhere in a trace is found out', async () => {
    const records = await load(reasoning({ newFamilies: [], count: 600 }), context(5));
    const places = fc.nat().chain((seed) => {
      const one = records[seed % records.length]!;
      const trace = String(one.metadata!['trace']);
      const at = [...trace.matchAll(/<\/?[a-z]+>|./g)]
        .filter(([text]) => text.length === 1)
        .map((m) => m.index);
      return fc.tuple(fc.constant(one), fc.constant(trace), fc.constantFrom(...at));
    });
    const other = fc.constantFrom(...'0123456789abcdxyzKM+-*%=!>, ');
    fc.assert(
      fc.property(places, other, ([one, trace, at], character) => {
        fc.pre(trace[at] !== character);
        const changed = trace.slice(0, at) + character + trace.slice(at + 1);
        expect(checkTrace({ ...one, metadata: { ...one.metadata, trace: changed } })).not.toBeNull();
      }),
      { numRuns: 4000 },
    );
  });

  it('every other digit is found out, and every answer that is not the result', async () => {
    for (const one of await load(reasoning({ newFamilies: [], count: 300 }), context(6))) {
      const trace = String(one.metadata!['trace']);
      const wrong = (change: object): boolean =>
        checkTrace({ ...one, metadata: { ...one.metadata, ...change } }) !== null;
      for (const { index, 0: digit } of trace.matchAll(/\d/g)) {
        const next = String((Number(digit) + 1) % 10);
        expect(wrong({ trace: trace.slice(0, index) + next + trace.slice(index + 1) })).toBe(true);
      }
      expect(wrong({ answer: `${one.metadata!['answer']}1` })).toBe(true);
    }
  });
});

/** Pairs without a trace by hand. */
const UNWRITTEN = ['word-problems self-doubt'];

const SIZES = [
  {},
  {},
  { largest: 60, steps: 7, modulus: 7 },
  { largest: 4, steps: 2, modulus: 2, beyond: { largest: 1, steps: 1 } },
] as const;
