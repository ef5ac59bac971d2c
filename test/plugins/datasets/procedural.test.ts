import { createHash } from 'node:crypto';
import { DATASET, type DataRecord } from '../../../core/contracts/dataset.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import {
  arithmetic,
  brackets,
  chains,
  logic,
  reasoning,
  recall,
  sequences,
  sorting,
  stories,
  stringTasks,
  toolCalls,
  wordProblems,
} from '../../../plugins/datasets/index.js';
import { isToolCall } from '../../../plugins/datasets/procedural/tool-calls.js';
import { datasetConformance, implementationOf, silentLogger } from '../../../testing/index.js';
import {
  answerText,
  asked,
  booleanValue,
  deduce,
  evaluateExpression,
  mostOf,
  solveWordProblem,
} from './solvers.js';
import { load } from './support.js';

const context = (seed = 42) => ({ root: null, cache: '', seed, log: silentLogger });

const ALL: readonly Plugin[] = [
  arithmetic({ count: 300 }),
  wordProblems({ count: 300 }),
  logic({ count: 300 }),
  sequences({ count: 300 }),
  stringTasks({ count: 300 }),
  toolCalls({ count: 300 }),
  stories({ count: 100 }),
  chains({ count: 300 }),
  sorting({ count: 300 }),
  brackets({ count: 300 }),
  recall({ count: 300 }),
  reasoning({ count: 300 }),
];

describe.each(ALL.map((plugin) => [plugin.name, plugin] as const))('%s', (_name, plugin) => {
  for (const { name, run } of datasetConformance(() => implementationOf(DATASET, plugin))) test(name, run);

  it('is synthetic, has as many different records as asked for, decided by the seed', async () => {
    expect((await implementationOf(DATASET, plugin)).synthetic).toBe(true);
    const records = await load(plugin, context());
    expect(records).toHaveLength(plugin.options['count'] as number);
    expect(new Set(records.map((record) => record.text)).size).toBe(records.length);
    expect(await load(plugin, context(7))).not.toEqual(records);
  });

  it('keeps the first records when more are asked for', async () => {
    const few = await load(plugin.withOptions({ count: 20 }), context());
    expect((await load(plugin, context())).slice(0, 20)).toEqual(few);
  });

  it('has as many as its default says', async () => {
    const byDefault = await load(plugin.withOptions({ count: undefined }), context());
    expect(byDefault.length).toBeGreaterThanOrEqual(3000);
  });
});

/** `a + b = c` anywhere in a text: every equation must hold. */
function falseEquations(record: DataRecord): string[] {
  const equations = record.text.matchAll(/(?<![\w.+*/-] |\w)(\d+(?: [-+*/] \d+)+) = (\d+)/g);
  return [...equations]
    .filter((match) => evaluateExpression(match[1]!) !== Number(match[2]))
    .map((match) => match[0]);
}

describe('answers, worked out again by other means', () => {
  const sample = async (plugin: Plugin): Promise<readonly DataRecord[]> => {
    const records = await load(plugin, context(3));
    expect(records.length).toBeGreaterThan(500);
    return records;
  };

  it('arithmetic', async () => {
    for (const record of await sample(arithmetic({ count: 700, digits: 4 }))) {
      const { a, b, operation } = record.metadata! as { a: number; b: number; operation: string };
      for (const operand of [a, b]) expect(record.input).toMatch(new RegExp(`\\b${operand}\\b`));
      const expected = operation === 'add' ? a + b : operation === 'subtract' ? a - b : a * b;
      expect(expected).toBeGreaterThanOrEqual(0);
      expect(answerText(record)).toBe(String(expected));
      expect(falseEquations(record)).toEqual([]);
    }
  });

  it('word problems', async () => {
    for (const record of await sample(wordProblems({ count: 700 }))) {
      expect({ asked: asked(record), answer: answerText(record) }).toEqual({
        asked: asked(record),
        answer: String(solveWordProblem(asked(record), String(record.metadata!['kind']))),
      });
      expect(falseEquations(record)).toEqual([]);
    }
  });

  it('logic', async () => {
    const kinds = new Map<string, Set<string>>();
    for (const record of await sample(logic({ count: 700 }))) {
      const question = asked(record);
      const kind = String(record.metadata!['kind']);
      const solve = { syllogism: deduce, boolean: booleanValue, order: mostOf }[kind]!;
      expect({ question, answer: answerText(record) }).toEqual({ question, answer: solve(question) });
      kinds.set(kind, (kinds.get(kind) ?? new Set()).add(answerText(record)));
    }
    expect([...kinds.get('syllogism')!].sort()).toEqual(['no', 'unknown', 'yes']);
    expect([...kinds.get('boolean')!].sort()).toEqual(['false', 'true']);
  });

  it('sequences', async () => {
    for (const record of await sample(sequences({ count: 700 }))) {
      const terms = /(?:: |sequence |of )(.*?)[.?]$/.exec(asked(record))![1]!.split(', ');
      const answer = answerText(record);
      const kind = String(record.metadata!['kind']);
      const values = [...terms, answer].map((term) =>
        kind === 'letters' ? term.charCodeAt(0) : Number(term),
      );
      if (kind === 'cycle') {
        const period = [2, 3, 4].find((p) => terms.every((term, i) => i < p || term === terms[i - p]))!;
        expect(answer).toBe(terms[terms.length - period]);
      } else expect(nextTerm(values.slice(0, -1), kind)).toBe(values.at(-1));
      expect(falseEquations(record)).toEqual([]);
    }
  });

  it('string tasks', async () => {
    for (const record of await sample(stringTasks({ count: 700 }))) {
      expect({ asked: asked(record), answer: answerText(record) }).toEqual({
        asked: asked(record),
        answer: solveString(record),
      });
    }
  });

  it('tool calls', async () => {
    const kinds = new Set<string>();
    for (const record of await sample(toolCalls({ count: 700 }))) {
      const { kind, tool } = record.metadata as { kind: string; tool: string };
      kinds.add(`${kind} ${tool}`);
      const call = /<\|tool\|>(\w+)<\|args\|>(.*?)<\|\/tool\|>/.exec(record.text);
      expect(call?.[1] ?? 'none').toBe(tool);
      expect(/<\|result\|>/.test(record.output!)).toBe(false);
      if (kind === 'call') expect(record.output!.trim()).toBe(call![0]);
      if (kind !== 'answer') continue;
      const result = /<\|result\|>(.*?)<\|\/result\|>/.exec(record.input!)![1]!;
      expect(record.output).toContain(result);
      if (tool === 'calculator') expect(Number(result)).toBe(evaluateExpression(call![2]!));
    }
    expect(kinds.size).toBe(9);
  });
});

function nextTerm(values: readonly number[], kind: string): number {
  const [c, b, a] = [...values].reverse() as [number, number, number];
  if (kind === 'geometric') return (c * c) / b;
  if (kind === 'fibonacci') return b + c;
  if (kind === 'growing') return c + (c - b) + (c - b - (b - a));
  return c + (c - b);
}

function solveString(record: DataRecord): string {
  const question = asked(record);
  const quoted = [...question.matchAll(/"([^"]*)"/g)].map((match) => match[1]!);
  const [first = '', second = '', third = ''] = quoted;
  switch (record.metadata!['kind']) {
    case 'reverse':
      return first.split('').reverse().join('');
    case 'count':
      return String(
        (question.startsWith('Count') || first.length === 1 ? second : first).split(first).length - 1,
      );
    case 'length':
      return String(first.length);
    case 'letter':
      return first[Number(/\d+/.exec(question)![0]) - 1]!;
    case 'sort':
      return first
        .split('')
        .sort((x, y) => x.localeCompare(y))
        .join('');
    case 'replace':
      return question.startsWith('Replace')
        ? second.split(first).join(third)
        : first.split(second).join(third);
    case 'join':
      return quoted.slice(0, -1).join(quoted.at(-1));
    case 'double':
      return first.replace(/./g, '$&$&');
    default:
      return /of ([^.]*)\.$/.exec(question)![1]!.replace(/(\w)\w*\s*/g, '$1');
  }
}

describe('easy and hard forms', () => {
  it('word problems', async () => {
    const check = (record: DataRecord): void => {
      const expected = solveWordProblem(asked(record), String(record.metadata!['kind']));
      expect([asked(record), answerText(record)]).toEqual([asked(record), String(expected)]);
      expect(falseEquations(record)).toEqual([]);
    };
    const easy = wordProblems({ count: 300, largest: 5, events: 1, kinds: ['change', 'compare'] });
    for (const record of await load(easy, context())) {
      check(record);
      const { kind } = record.metadata as { kind: string };
      expect(['change', 'compare']).toContain(kind);
      if (kind === 'change') expect(record.output!.split('\n')).toHaveLength(2);
      for (const [number] of asked(record).matchAll(/\d+/g)) expect(Number(number)).toBeLessThanOrEqual(5);
    }
    const hard = await load(wordProblems({ count: 300, largest: 1000, events: 8 }), context());
    hard.forEach(check);
    expect(Math.max(...hard.map(({ output }) => output!.split('\n').length))).toBe(9);
  });

  it('tool calls', async () => {
    const easy = toolCalls({ count: 300, noTool: 0, largest: 9, operations: 1, tools: ['calculator'] });
    for (const record of await load(easy, context())) {
      expect(record.input).toMatch(/Question: \D* [2-9] [-+*] [2-9][.?]\n/);
      expect(record.metadata).toMatchObject({ tool: 'calculator' });
    }
    const hard = await load(toolCalls({ count: 300, largest: 999_999 }), context());
    const calls = hard.flatMap(
      ({ text }) => /<\|args\|>(.*)<\|\/tool\|><\|result\|>(-?\d+)</.exec(text) ?? [],
    );
    expect(calls.some((part) => /^\d{6} \+ \d{6} \* \d{5}$/.test(part))).toBe(true);
    for (const record of hard) {
      const found = /<\|args\|>([-+*() \d]+)<\|\/tool\|><\|result\|>(-?\d+)</.exec(record.text);
      if (found !== null) expect(Number(found[2])).toBe(evaluateExpression(found[1]!));
    }
  });

  it.each([
    [arithmetic(), 'a3d88068fdeeb286'],
    [wordProblems(), '6cec0d6eab7c797c'],
    [toolCalls(), 'ad7d4536a3606978'],
  ])('the default records stay what they were: %#', async (plugin, expected) => {
    const records = JSON.stringify(await load(plugin, context()));
    expect(createHash('sha256').update(records).digest('hex').slice(0, 16)).toBe(expected);
  });
});

describe('a generator that runs out', () => {
  it('gives what there is, with a warning', async () => {
    const warnings: string[] = [];
    const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const records = await load(arithmetic({ count: 5000, digits: 1, operations: ['multiply'] }), {
      ...context(),
      log,
    });
    expect(records.length).toBeGreaterThan(300);
    expect(records.length).toBeLessThanOrEqual(500);
    expect(warnings[0]).toContain(`only ${records.length} different records`);
  });
});

test('a tool call is told by its form, whatever it asks', () => {
  const call = ' <|tool|>calculator<|args|>2 + 3<|/tool|>';
  expect(isToolCall(call)).toBe(true);
  for (const other of [
    '5',
    `${call} 5`,
    call + call,
    call.replace('calculator', 'oracle'),
    call.slice(0, -4),
  ])
    expect(isToolCall(other)).toBe(false);
});
