import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CHECKER,
  TASK_GENERATOR,
  type Checker,
  type TaskGenerator,
} from '../../../../core/contracts/task.js';
import { isForgeError, type ErrorCode } from '../../../../core/errors/index.js';
import { number } from '../../../../plugins/checkers/index.js';
import { openrouterTasks } from '../../../../plugins/generators/index.js';
import type { ChatRequest } from '../../../../plugins/generators/openrouter-tasks/client.js';
import {
  OpenRouterTasks,
  type OpenRouterOptions,
} from '../../../../plugins/generators/openrouter-tasks/generator.js';
import { stream } from '../../../../nn/random/index.js';
import { implementationOf, silentLogger, taskGeneratorConformance } from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { temporaryFolder } from '../../../support/cli.js';
import { worded, wordsOnce } from './writer.js';

const KEY = 'sk-or-secret';
const OPTIONS: OpenRouterOptions = {
  ...{ model: 'a/writer', keyFrom: 'SOME_KEY', budgetUsd: 5, price: { prompt: 1, completion: 4 } },
  ...{ url: 'https://service.invalid/chat', timeoutSeconds: 5, largest: 20, steps: 4 },
};

let checker: Checker;
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => void (checker = await implementationOf(CHECKER, number())));
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}

/** A service that never leaves the process: answers in turn, the last one for ever. */
function service(...answers: readonly (Answer | Error | ((request: ChatRequest) => Answer))[]) {
  const requests: { body: ChatRequest; authorization: string }[] = [];
  const waits: number[] = [];
  const fetcher = async (_: unknown, { body, headers }: RequestInit = {}): Promise<Response> => {
    const request = JSON.parse(body as string) as ChatRequest;
    requests.push({ body: request, authorization: (headers as Record<string, string>)['authorization']! });
    const next = answers[Math.min(requests.length, answers.length) - 1]!;
    if (next instanceof Error) throw next;
    const { status = 200, body: reply = {} } = typeof next === 'function' ? next(request) : next;
    return new Response(typeof reply === 'string' ? reply : JSON.stringify(reply), { status });
  };
  const services = {
    fetch: fetcher as typeof fetch,
    sleep: async (milliseconds: number) => void waits.push(milliseconds),
    environment: { SOME_KEY: KEY },
  };
  return { requests, waits, services };
}

const calculationsOf = ({ messages }: ChatRequest): string[] =>
  messages[0]!.content.split('\n').filter((line) => /^\d+(?:[-+]\d+)+$/.test(line));

/** Writes what it is asked for, at a cost of a thousandth of a dollar. */
const writer =
  (write: (calculation: string) => unknown = worded) =>
  (request: ChatRequest): Answer => ({
    body: {
      choices: [
        { message: { content: `Here you are:\n${JSON.stringify(calculationsOf(request).map(write))}` } },
      ],
      usage: { prompt_tokens: 200, completion_tokens: 300, cost: 0.001 },
    },
  });

const made = (
  { services }: ReturnType<typeof service>,
  options: Partial<OpenRouterOptions> = {},
  environment: Record<string, string> = { SOME_KEY: KEY },
) => new OpenRouterTasks({ ...OPTIONS, ...options }, () => checker, { ...services, environment });

const preparation = (count = 60, log = silentLogger) => ({ cache: folder.path, log, seed: 3, count });

async function failure(work: Promise<unknown>, code: ErrorCode) {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isForgeError(error, code))
    throw error instanceof Error ? error : new Error(`nothing failed with ${code}`);
  return error;
}

const ledger = () =>
  JSON.parse(readFileSync(join(folder.path, 'ledger.json'), 'utf8')) as {
    spentUsd: number;
    charges: Record<string, unknown>[];
  };

describe('a service that writes well', () => {
  async function prepared(): Promise<TaskGenerator> {
    const generator = made(service(writer()));
    await generator.prepare(preparation(400));
    return generator;
  }
  testConformance(taskGeneratorConformance(prepared, { items: 6 }));
});

test('without a key nothing is sent', async () => {
  const silent = service(writer());
  const error = await failure(made(silent, {}, {}).prepare(preparation()), 'AF_TASK_KEY');
  expect(error.message).toMatch(/SOME_KEY is not set/);
  expect(silent.requests).toHaveLength(0);
});

test('a key without a budget is refused, and nothing is sent', async () => {
  const silent = service(writer());
  await failure(made(silent, { budgetUsd: undefined }).prepare(preparation()), 'AF_TASK_BUDGET');
  expect(silent.requests).toHaveLength(0);
});

test('the plugin as a config lists it looks for its own key', async () => {
  const generator = await implementationOf(
    TASK_GENERATOR,
    openrouterTasks({ keyFrom: 'AGENTFORGE_NO_SUCH_KEY' }),
  );
  const error = await failure(generator.prepare!(preparation()), 'AF_TASK_KEY');
  expect(error.fix).toMatch(/AGENTFORGE_NO_SUCH_KEY/);
});

test('a task before the preparation is refused', () => {
  expect(() => made(service(writer())).generate({ difficulty: 1, side: 'train' }, stream(1, 'x'))).toThrow(
    /prepared/,
  );
});

test('the ledger has what each request took, and the key is nowhere', async () => {
  const paid = service(writer());
  await made(paid).prepare(preparation());
  // 48 to train in five batches and 12 held out in two, where there are as many calculations.
  expect(paid.requests.length).toBeGreaterThanOrEqual(6);
  expect(ledger().spentUsd).toBeCloseTo(0.001 * paid.requests.length, 10);
  expect(ledger().charges[0]).toEqual({
    ...{ request: expect.stringMatching(/^[0-9a-f]{32}$/), model: 'a/writer', usd: 0.001, known: 'told' },
    ...{ promptTokens: 200, completionTokens: 300 },
  });
  expect(paid.requests[0]!.authorization).toBe(`Bearer ${KEY}`);
  expect(paid.requests[0]!.body.provider).toEqual({ max_price: { prompt: 1, completion: 4 } });
  for (const file of readdirSync(folder.path))
    expect(readFileSync(join(folder.path, file), 'utf8')).not.toContain(KEY);
});

test('a second run asks nothing, pays nothing and has the same tasks', async () => {
  const first = made(service(writer()));
  await first.prepare(preparation());
  const spent = ledger();
  const again = service(new Error('asked again'));
  const second = made(again);
  await second.prepare(preparation());
  expect(again.requests).toHaveLength(0);
  expect(ledger()).toEqual(spent);
  const taskOf = (generator: TaskGenerator) =>
    [1, 30, 99].map((difficulty) =>
      generator.generate({ difficulty, side: 'train' }, stream(1, 'task', difficulty)),
    );
  expect(taskOf(second)).toEqual(taskOf(first));
});

test.each([429, 500, 503])('%p is tried again after 2, 4 and 8 seconds', async (status) => {
  const busy = service({ status }, { status }, { status }, writer());
  await made(busy).prepare(preparation());
  expect(busy.waits).toEqual([2000, 4000, 8000]);
});

test('after three further tries it gives up, and nothing is charged', async () => {
  const down = service({ status: 503, body: `down, ${KEY}` });
  const error = await failure(made(down).prepare(preparation()), 'AF_TASK_REQUEST');
  expect(down.requests).toHaveLength(4);
  expect(error.message).toMatch(/answered 503 \(asked 4 times\): down, \*\*\*/);
  expect(ledger()).toEqual({ spentUsd: 0, charges: [] });
});

test('a refusal is not tried again', async () => {
  const wrong = service({ status: 401, body: 'no such key' });
  const error = await failure(made(wrong).prepare(preparation()), 'AF_TASK_REQUEST');
  expect([wrong.requests.length, error.message]).toEqual([1, expect.stringMatching(/401.*no such key/)]);
});

test('where no answer comes, the most that it may have cost stays charged', async () => {
  await failure(made(service(new Error('broken line'))).prepare(preparation()), 'AF_TASK_REQUEST');
  expect(ledger().charges).toEqual([expect.objectContaining({ known: 'most', usd: ledger().spentUsd })]);
  expect(ledger().spentUsd).toBeGreaterThan(0);
});

test('a reply that does not say what it took is charged at its most', async () => {
  const quiet = (request: ChatRequest): Answer => {
    const { choices } = writer()(request).body as { choices: unknown };
    return { body: { choices } };
  };
  await made(service(quiet)).prepare(preparation());
  for (const charge of ledger().charges) expect(charge).toMatchObject({ known: 'most', promptTokens: null });
  // Ten problems of 120 tokens at 4 dollars a million are half a cent.
  expect(Number(ledger().charges[0]!['usd'])).toBeGreaterThan(0.0048);
});

test('the budget ends it before the request that might pass it', async () => {
  const paid = service(writer());
  const error = await failure(made(paid, { budgetUsd: 0.008 }).prepare(preparation()), 'AF_TASK_BUDGET');
  expect(paid.requests.length).toBeGreaterThan(0);
  expect(ledger().spentUsd).toBeLessThanOrEqual(0.008);
  expect(error.message).toMatch(/budget of \$0\.0080/);
});

test('what was accepted before the budget ended is not asked for again', async () => {
  await failure(made(service(writer()), { budgetUsd: 0.008 }).prepare(preparation()), 'AF_TASK_BUDGET');
  const before = ledger().charges.length;
  const more = service(writer());
  await made(more).prepare(preparation());
  expect(ledger().charges).toHaveLength(before + more.requests.length);
});

test('a ledger that cannot be read is no ledger of nothing', async () => {
  writeFileSync(join(folder.path, 'ledger.json'), '{"charges": [{"usd": "much"}]}');
  const silent = service(writer());
  await failure(made(silent).prepare(preparation()), 'AF_TASK_BUDGET');
  expect(silent.requests).toHaveLength(0);
});

test.each<[string, (calculation: string) => unknown]>([
  ['a wrong answer', (calculation) => ({ ...worded(calculation), answer: 999 })],
  ['no answer', (calculation) => ({ ...worded(calculation), answer: undefined })],
  [
    'another number',
    (calculation) => ({ ...worded(calculation), question: `${worded(calculation).question} 77?` }),
  ],
  [
    'a number before all others',
    (calculation) => ({ ...worded(calculation), question: `Of 999, ${worded(calculation).question}` }),
  ],
  [
    'two lines',
    (calculation) => ({ ...worded(calculation), question: worded(calculation).question.replace(' ', '\n') }),
  ],
  [
    'too many characters',
    (calculation) => ({
      ...worded(calculation),
      question: `${worded(calculation).question}${' really'.repeat(30)}?`,
    }),
  ],
  ['a calculation nobody asked for', () => worded('1+1+1+1+1+1+1+1+1')],
  ['no object', () => 'sorry'],
])('%s is rejected, asked for once more, counted, and never used', async (_, write) => {
  const bad = service(writer(write));
  const facts: unknown[] = [];
  const log = { ...silentLogger, info: (_message: string, told?: object) => void facts.push(told) };
  const error = await failure(made(bad).prepare(preparation(60, log)), 'AF_TASK_REQUEST');
  expect(error.message).toMatch(/wrote 0 problems that could be verified/);
  const seeds = bad.requests.map(({ body }) => body.seed);
  expect(new Set(seeds)).toEqual(new Set([0, 1]));
  expect(facts).toEqual([expect.objectContaining({ accepted: 0, rejected: expect.any(Number) })]);
  expect((facts[0] as { rejected: number }).rejected).toBeGreaterThan(60);
});

test('a reply that is no JSON is rejected whole, and one that is no completion is an error', async () => {
  const prose = { body: { choices: [{ message: { content: 'I would rather not.' } }] } };
  await failure(made(service(prose)).prepare(preparation()), 'AF_TASK_REQUEST');
  const error = await failure(made(service({ body: '<html>' })).prepare(preparation(80)), 'AF_TASK_REQUEST');
  expect(error.message).toMatch(/JSON object: <html>/);
});

test('a wording of the training side is not measured with', async () => {
  const error = await failure(made(service(writer(wordsOnce))).prepare(preparation()), 'AF_TASK_REQUEST');
  expect(error.message).toMatch(/none for the held-out side/);
});
