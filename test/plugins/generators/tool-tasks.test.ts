import { isForgeError } from '../../../core/errors/index.js';
import { defineTool, type Tool } from '../../../core/contracts/tool.js';
import { stream } from '../../../nn/random/index.js';
import { toolTasks } from '../../../plugins/generators/index.js';
import { createTestKernel, taskGeneratorConformance } from '../../../testing/index.js';
import { testConformance } from '../../support/conformance.js';
import { TASK_GENERATOR } from '../../../core/contracts/task.js';
import { generatorOf, itemsOf } from './support.js';

const manual = { wordings: ['a', 'b'], heldOut: ['c'], short: 'd' };

/** Adds two numbers; asks about even ones to train and odd ones to measure. */
const adder = (name: string, extra: Partial<Tool> = {}) =>
  defineTool({
    name,
    create: () => ({
      manual,
      run: (args) => {
        const numbers = args.split('+').map(Number);
        return { ok: true, text: String(numbers[0]! + numbers[1]!) };
      },
      ask: (random, difficulty, side) => {
        const number = 2 * random.integer(Math.ceil(difficulty) + 1) + (side === 'train' ? 0 : 1);
        return {
          question: side === 'train' ? `What is ${number}+4?` : `Find ${number}+4.`,
          args: `${number}+4`,
        };
      },
      ...extra,
    }),
  })();

const silent = defineTool({
  name: 'silent',
  create: () => ({ manual, run: () => ({ ok: true, text: 'x' }) }),
})();

async function failure(work: () => unknown): Promise<unknown> {
  return (async () => work())().then(
    () => null,
    (error: unknown) => error,
  );
}

test('every tool that asks is a concept, and its result is the answer', async () => {
  const generator = await generatorOf(toolTasks(), [adder('adder'), silent, adder('summer')]);
  expect(generator.concepts).toEqual(['adder', 'summer']);
  for (const item of itemsOf(generator, 'adder', 50, 'held-out', 20)) {
    const [a] = /\d+/.exec(item.question)!;
    const result = String(Number(a) + 4);
    expect(item).toMatchObject({
      concept: 'adder',
      answer: result,
      checker: 'tool-result',
      tool: { name: 'adder', args: `${a}+4`, result },
    });
  }
});

test('hints name the tool, then what to give it', async () => {
  const generator = await generatorOf(toolTasks(), [adder('adder')]);
  const item = itemsOf(generator, 'adder', 50)[0]!;
  expect([1, 2, 3, 4].map((level) => generator.hint(item, level))).toEqual([
    'A tool can answer this.',
    'Use <|adder|>.',
    `Give <|adder|> this: ${item.tool!.args}`,
    null,
  ]);
});

test('only the tools that are listed', async () => {
  const generator = await generatorOf(toolTasks({ tools: ['summer'] }), [adder('adder'), adder('summer')]);
  expect(generator.concepts).toEqual(['summer']);
});

test.each([
  ['ader', { suggestion: 'adder', message: 'there is no tool "ader"' }],
  ['silent', { message: 'the tool "silent" asks no questions' }],
])('a list with %s is refused', async (name, problem) => {
  const generator = await generatorOf(toolTasks({ tools: [name] }), [adder('adder'), silent]);
  const error = await failure(() => generator.concepts);
  expect(isForgeError(error, 'AF_CONFIG_INVALID') && error.problems).toEqual([
    expect.objectContaining({ at: 'tool-tasks.tools.0', found: name, ...problem }),
  ]);
});

test('a kernel says the nearest name too', async () => {
  const { kernel, dispose } = await createTestKernel({
    plugins: [toolTasks({ tools: ['ader'] }), adder('adder')],
  });
  try {
    await expect(failure(() => kernel.resolve(TASK_GENERATOR, 'tool-tasks'))).resolves.toMatchObject({
      message: expect.stringMatching(/no tool "ader": did you mean "adder"/),
    });
  } finally {
    await dispose();
  }
});

test('without a tool that asks there is nothing to do', async () => {
  const generator = await generatorOf(toolTasks(), [silent]);
  expect(isForgeError(await failure(() => generator.concepts), 'AF_DATA_EMPTY')).toBe(true);
});

test.each<[string, Partial<Tool>]>([
  ['fails', { run: () => ({ ok: false, failure: 'syntax', message: 'no' }) }],
  ['cuts its answer', { run: () => ({ ok: true, text: 'x', cut: true }) }],
])('a tool that %s on its own question is named', async (_, broken) => {
  const generator = await generatorOf(toolTasks(), [adder('adder', broken)]);
  const error = await failure(() => generator.generate({ difficulty: 1, side: 'train' }, stream(1, 'x')));
  expect(isForgeError(error, 'AF_TASK_ANSWER') && error.message).toMatch(/tool adder/);
});

describe('conforms, whatever the tools', () => {
  testConformance(
    taskGeneratorConformance(() => generatorOf(toolTasks(), [adder('adder'), adder('summer')])),
  );
});
