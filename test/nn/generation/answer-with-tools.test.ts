import type { Tool } from '../../../core/contracts/tool.js';
import {
  answerWithTools,
  callableIds,
  type BatchOptions,
  type ToolAnswer,
} from '../../../nn/generation/index.js';
import { stream } from '../../../nn/random/index.js';
import { DEFAULT_TOOL_LIMITS, ToolRuntime } from '../../../nn/tools/index.js';
import { idsOf, toolFacts as facts, toolWords as tokenizer, wordsOf } from '../../support/tool-words.js';

const CONTEXT = 80;
const manual = { wordings: ['a', 'b'], heldOut: ['c'], short: 'd' };
const calculator: Tool = {
  manual,
  run: (args) =>
    args === '1/0'
      ? { ok: false, failure: 'arithmetic', message: 'division by zero' }
      : { ok: true, text: args === 'tags' ? '<|tool|><|/result|>' : `${args.length}` },
};
const runtimeOf = (): ToolRuntime =>
  new ToolRuntime(new Map([['calculator', calculator]]), DEFAULT_TOOL_LIMITS);

/** A writer that is a function of the text before it: writes what it is told to, and ends. */
function scripted(script: (text: string) => string) {
  const asked: { texts: string[]; options: BatchOptions }[] = [];
  const continueAll = async (prompts: readonly (readonly number[])[], options: BatchOptions) => {
    asked.push({ texts: prompts.map(wordsOf), options });
    return prompts.map((ids, i) => {
      const most = Math.min(options.maxTokens, options.lengths?.[i] ?? options.maxTokens);
      if (ids.length + most > CONTEXT) return null;
      const wanted = idsOf(script(wordsOf(ids)));
      const allowed = wanted.filter((id) => id < options.vocabulary && !options.never!.includes(id));
      const closed = allowed.findIndex((id) => options.closing?.includes(id) === true);
      return allowed.slice(0, Math.min(most, closed < 0 ? allowed.length : closed + 1));
    });
  };
  return { asked, continueGreedily: continueAll, sample: continueAll };
}

const CALL = '<|tool|><|calculator|><|args|>1+2<|/tool|>';
const answer = async (
  script: (text: string) => string,
  { prompt = 'q?', maxTokens = 30, runtime = runtimeOf(), most_calls = 2 } = {},
): Promise<ToolAnswer | null> => {
  const options = { facts: { ...facts, most_calls }, tokenizer, runtime, maxTokens };
  return (await answerWithTools(scripted(script), [idsOf(prompt)], options))[0]!;
};

describe('answers with calls', () => {
  test('a result is put behind its call, and the text goes on', async () => {
    const runtime = runtimeOf();
    const said = await answer((text) => (text.endsWith('<|/result|>') ? 'it is so.' : `so ${CALL}rest`), {
      runtime,
    });
    expect(wordsOf(said!.ids)).toBe(`so ${CALL}<|result|> 3<|/result|>it is so.`);
    expect(said!.text).toBe('it is so.');
    expect(said!.calls).toEqual([
      { name: 'calculator', args: '1+2', outcome: { ok: true, text: '3' }, result: '3' },
    ]);
    expect(runtime.counts).toEqual({ total: 1, successful: 1, failed: 0, violations: 0 });
  });

  test('a text without a call is that text', async () => {
    expect(await answer(() => 'no call.')).toEqual({ ids: idsOf('no call.'), calls: [], text: 'no call.' });
  });

  test('after the most calls the rest is written without any', async () => {
    const said = await answer(() => `${CALL}5`, { maxTokens: 40 });
    expect(said!.calls).toHaveLength(2);
    // Tags may not be written any more: what is left of the third call is its text.
    expect(said!.text).toBe('1+25');
    const none = await answer(() => `${CALL}5`, { most_calls: 0 });
    expect(none).toEqual({ ids: idsOf('1+25'), calls: [], text: '1+25' });
  });

  test.each([
    ['<|tool|><|search|><|args|>x<|/tool|>', 'search', 'not-found'],
    ['<|tool|><|calculator|><|args|>1/0<|/tool|>', 'calculator', 'arithmetic'],
    ['<|tool|>1<|/tool|>', null, 'grammar'],
    ['<|calculator|><|args|>1<|/tool|>', null, 'grammar'],
    ['<|/tool|>', null, 'grammar'],
  ])('%s fails, and the model is told so', async (written, name, failure) => {
    const runtime = runtimeOf();
    const said = await answer((text) => (text.includes('<|result|>') ? 'oh.' : written), { runtime });
    expect(said!.calls).toMatchObject([
      { name, outcome: { ok: false, failure }, result: `error: ${failure}` },
    ]);
    expect(wordsOf(said!.ids)).toBe(`${written}<|result|> error: ${failure}<|/result|>oh.`);
    expect(runtime.counts).toMatchObject({ total: 1, failed: 1 });
  });

  test('a text that ends within a call has a failed one, with no result', async () => {
    for (const [maxTokens, end] of [
      [30, '<|tool|><|calculator|><|args|>1'],
      [3, '<|tool|><|calculator|><|args|>'],
    ] as const) {
      const runtime = runtimeOf();
      const said = await answer(() => `well ${end}`.slice(maxTokens === 3 ? 5 : 0), { maxTokens, runtime });
      expect(said!.calls).toMatchObject([{ name: null, outcome: { failure: 'grammar' }, result: null }]);
      expect(said!.text).toBe(maxTokens === 3 ? '' : 'well ');
      expect(runtime.counts).toMatchObject({ total: 1, failed: 1 });
    }
  });

  test('a result that spells tags is text', async () => {
    const said = await answer((text) =>
      text.includes('<|result|>') ? 'x' : '<|tool|><|calculator|><|args|>tags<|/tool|>',
    );
    const special = [...tokenizer.extended!.values()];
    const spelt = said!.ids.filter((id) => special.includes(id)).map((id) => wordsOf([id]));
    expect(spelt).toEqual([
      '<|tool|>',
      '<|calculator|>',
      '<|args|>',
      '<|/tool|>',
      '<|result|>',
      '<|/result|>',
    ]);
    expect(said!.text).toBe('x');
  });

  test('the tokens of all turns together are bounded, results not among them', async () => {
    const said = await answer((text) => (text.includes('<|result|>') ? 'abcdef' : CALL), { maxTokens: 10 });
    // Seven tokens of the call, three of the answer.
    expect(said!.text).toBe('abc');
    const nothing = await answer((text) => (text.includes('<|result|>') ? 'abcdef' : CALL), { maxTokens: 7 });
    expect(nothing).toMatchObject({ text: '', calls: [{ result: '3' }] });
  });

  test('what does not fit the context is null', async () => {
    const script = (text: string): string => (text.includes('<|result|>') ? 'x' : CALL);
    // Prompt, seven of the call, four of the result, and 23 that may follow: 80.
    expect(await answer(script, { prompt: 'q'.repeat(46) })).not.toBeNull();
    expect(await answer(script, { prompt: 'q'.repeat(47) })).toBeNull();
    expect(await answer(script, { prompt: 'q'.repeat(51) })).toBeNull();
  });

  test('prompts are continued together, each with its own calls, limits and random numbers', async () => {
    const writer = scripted((text) => (text.includes('<|result|>') || text.startsWith('n') ? 'end' : CALL));
    const drawn: number[] = [];
    const done: number[] = [];
    const sampling = {
      ...{ temperature: 1, topK: null, topP: null },
      random: (index: number) => (drawn.push(index), stream(index)),
    };
    const options = { facts, tokenizer, runtime: runtimeOf(), maxTokens: 20, sampling };
    const said = await answerWithTools(writer, ['c', 'n', 'z'.repeat(70), 'c'].map(idsOf), {
      ...options,
      onAnswered: (count) => void done.push(count),
    });
    expect(said.map((one) => one && one.calls.length)).toEqual([1, 0, null, 1]);
    expect(drawn).toEqual([0, 1, 2, 3]);
    expect(done).toEqual([2, 4]);
    expect(writer.asked.map(({ texts }) => texts.length)).toEqual([4, 2]);
    expect(writer.asked[1]!.options.lengths).toEqual([13, 13]);
  });

  test('a model may write what calls are made of, and never a result or a thought', () => {
    const { never, vocabulary } = callableIds({ facts, tokenizer });
    expect(vocabulary).toBe(tokenizer.vocabularySize);
    expect(never.map((id) => wordsOf([id]))).toEqual(['<|result|>', '<|/result|>', '<think>']);
  });
});
