import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import type { DataRecord } from '../../../core/contracts/dataset.js';
import type { Draw } from '../../../nn/random/index.js';
import { defineGenerated } from './generated.js';
import { PEOPLE, THINGS } from './words.js';

/** The marks of a tool call; the model writes up to `close`, the runtime the result part. */
const CALL = {
  open: '<|tool|>',
  arguments: '<|args|>',
  close: '<|/tool|>',
  result: '<|result|>',
  end: '<|/result|>',
} as const;

const literally = (mark: string): string => mark.replaceAll('|', '\\|');

/** What a call looks like: one tool, its arguments, and nothing after the mark that closes it. */
const CALL_FORM = new RegExp(
  `^\\s*${literally(CALL.open)}(\\w+)${literally(CALL.arguments)}(?:(?!<\\|).)+${literally(CALL.close)}\\s*$`,
  's',
);

/** Whether a text is one call of a known tool, whatever it asks of it. */
export function isToolCall(text: string): boolean {
  const tool = CALL_FORM.exec(text)?.[1];
  return tool !== undefined && (ALL_TOOLS as readonly string[]).includes(tool);
}

interface ToolUse {
  readonly tool: string;
  readonly question: string;
  readonly arguments: string;
  readonly result: string;
  readonly answer: string;
}

const Tool = Type.Union([
  Type.Literal('calculator'),
  Type.Literal('search'),
  Type.Literal('file_reader'),
  Type.Literal('database_query'),
]);
type Tool = Static<typeof Tool>;
const ALL_TOOLS: Tool[] = ['calculator', 'search', 'file_reader', 'database_query'];

/** How large the calculations and the numbers in results are. */
interface Size {
  readonly largest: number;
  readonly operations: number;
}

/**
 * Questions that need one call of a tool, and some that need none. A question with a call gives two records: one
 * ends with the call, the other goes on from the result, so that results are never what is learnt.
 */
export const toolCalls = defineGenerated({
  name: 'tool-calls',
  description: 'Generated tool calls (calculator, search, files, database) and answers from their results',
  category: 'code',
  count: 3000,
  options: {
    noTool: withDefault(
      Type.Number({ minimum: 0, maximum: 1, description: 'Share of questions that need no tool.' }),
      0.15,
    ),
    largest: withDefault(
      Type.Integer({
        minimum: 9,
        maximum: 999_999,
        description: 'Largest number of a calculation; results of queries go up to half of it.',
      }),
      999,
    ),
    operations: withDefault(
      Type.Integer({ minimum: 1, maximum: 2, description: 'Most operations of a calculation.' }),
      2,
    ),
    tools: withDefault(Type.Array(Tool, { minItems: 1, uniqueItems: true }), ALL_TOOLS),
  },
  make: (draw, { noTool, tools, ...size }) => {
    if (draw.chance(noTool)) return withoutTool(draw);
    const use = USES[draw.pick(tools)](draw, size);
    return draw.chance(0.5) ? callRecord(use) : answerRecord(use);
  },
  grade: (record, answer) => {
    const expected = record.output?.trim();
    return expected === undefined ? null : answer.trim() === expected;
  },
});

const USES: Readonly<Record<Tool, (draw: Draw, size: Size) => ToolUse>> = {
  calculator,
  search,
  file_reader: fileReader,
  database_query: database,
};

function prompt(question: string): string {
  return `Tools: calculator, search, file_reader, database_query.\nQuestion: ${question}\nAnswer:`;
}

function record(input: string, output: string, metadata: Readonly<Record<string, string>>): DataRecord {
  return { text: input + output, input, output, metadata };
}

function callOf(use: ToolUse): string {
  return ` ${CALL.open}${use.tool}${CALL.arguments}${use.arguments}${CALL.close}`;
}

function callRecord(use: ToolUse): DataRecord {
  return record(prompt(use.question), callOf(use), { kind: 'call', tool: use.tool, group: use.question });
}

function answerRecord(use: ToolUse): DataRecord {
  const input = `${prompt(use.question)}${callOf(use)}${CALL.result}${use.result}${CALL.end}`;
  return record(input, ` ${use.answer}`, {
    kind: 'answer',
    tool: use.tool,
    group: use.question,
    answer: use.result,
  });
}

function calculator(draw: Draw, { largest, operations }: Size): ToolUse {
  const [a, b] = [draw.between(2, largest), draw.between(2, largest)];
  const c = draw.between(2, Math.max(9, Math.floor(largest / 10)));
  const one: readonly (readonly [string, number])[] = [
    [`${a} + ${b}`, a + b],
    [`${a} - ${b}`, a - b],
    [`${a} * ${c}`, a * c],
  ];
  const two: readonly (readonly [string, number])[] = [
    [`${a} + ${b} * ${c}`, a + b * c],
    [`(${a} + ${b}) * ${c}`, (a + b) * c],
  ];
  const [expression, value] = draw.pick(operations > 1 ? [...one, ...two] : one);
  const question = draw.pick([
    `What is ${expression}?`,
    `Work out ${expression}.`,
    `How much is ${expression}?`,
  ]);
  return {
    tool: 'calculator',
    question,
    arguments: expression,
    result: String(value),
    answer: `${expression} = ${value}.`,
  };
}

const PLACES = [
  'Arvik',
  'Belmora',
  'Cantor',
  'Dunlow',
  'Esteron',
  'Farrow',
  'Galdin',
  'Hestra',
  'Ilmar',
  'Jorvik',
  'Kessel',
  'Lomond',
];
const FACTS: readonly (readonly [fact: string, values: readonly string[]])[] = [
  ['river', ['Arda', 'Bran', 'Cole', 'Dove', 'Elm', 'Fenn']],
  ['oldest bridge', ['Stone Bridge', 'Rope Bridge', 'Iron Bridge', 'Long Bridge']],
  ['main square', ['Market Square', 'Clock Square', 'Rose Square', 'Lion Square']],
  ['highest hill', ['Owl Hill', 'Bear Hill', 'Moon Hill', 'Windy Hill']],
];

function search(draw: Draw): ToolUse {
  const place = draw.pick(PLACES);
  const [fact, values] = draw.pick(FACTS);
  const value = draw.pick(values);
  const question = draw.pick([
    `What is the ${fact} of ${place}?`,
    `Tell me the ${fact} of ${place}.`,
    `Find the ${fact} of ${place}.`,
  ]);
  return {
    tool: 'search',
    question,
    arguments: `${fact} of ${place}`,
    result: value,
    answer: `The ${fact} of ${place} is ${value}.`,
  };
}

const FILES = [
  'notes.txt',
  'list.txt',
  'plan.txt',
  'names.txt',
  'todo.txt',
  'menu.txt',
  'diary.txt',
  'letter.txt',
];

function fileReader(draw: Draw, { largest }: Size): ToolUse {
  const owner = draw.pick(PEOPLE).toLowerCase();
  const file = `${owner}/${draw.pick(FILES)}`;
  const content = `${draw.between(2, Math.min(20, largest))} ${draw.pick(THINGS)[1]}`;
  const question = draw.pick([`What does ${file} say?`, `Read ${file}.`, `What is written in ${file}?`]);
  return { tool: 'file_reader', question, arguments: file, result: content, answer: `It says: ${content}.` };
}

const TABLES: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['products', ['price', 'weight', 'stock']],
  ['orders', ['amount', 'total']],
];

function database(draw: Draw, { largest }: Size): ToolUse {
  const [table, columns] = draw.pick(TABLES);
  const column = draw.pick(columns);
  const thing = draw.pick(THINGS)[0];
  const value = String(draw.between(1, Math.ceil(largest / 2)));
  const question = draw.pick([
    `What is the ${column} of ${thing} in ${table}?`,
    `Look up the ${column} of ${thing} in ${table}.`,
  ]);
  const query = `SELECT ${column} FROM ${table} WHERE name = ${thing}`;
  return {
    tool: 'database_query',
    question,
    arguments: query,
    result: value,
    answer: `The ${column} of ${thing} is ${value}.`,
  };
}

function withoutTool(draw: Draw): DataRecord {
  const name = draw.pick(PEOPLE);
  const [one, many] = draw.pick(THINGS);
  const [question, answer] = draw.pick<readonly [string, string]>([
    [`Say hello to ${name}.`, `Hello, ${name}!`],
    [`Say good night to ${name}.`, `Good night, ${name}!`],
    [`What is the plural of ${one}?`, `The plural of ${one} is ${many}.`],
    [`Write the word ${one} in capital letters.`, one.toUpperCase()],
    [`Thank ${name} for the ${many}.`, `Thank you for the ${many}, ${name}!`],
    [`Ask ${name} for the ${one}.`, `${name}, may I have the ${one}, please?`],
  ]);
  return record(prompt(question), ` ${answer}`, { kind: 'none', tool: 'none', group: question });
}
