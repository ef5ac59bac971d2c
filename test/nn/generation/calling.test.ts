import {
  generateCalling,
  generatePieces,
  Generator,
  writableIds,
  type CallingItem,
  type TextPiece,
  type WrittenCall,
} from '../../../nn/generation/index.js';
import { stream } from '../../../nn/random/index.js';
import { DEFAULT_TOOL_LIMITS, ToolRuntime } from '../../../nn/tools/index.js';
import { idsOf, toolFacts as facts, toolWords as tokenizer, wordsOf } from '../../support/tool-words.js';

const manual = { wordings: ['a', 'b'], heldOut: ['c'], short: 'd' };
const runtimeOf = (): ToolRuntime =>
  new ToolRuntime(
    new Map([
      ['calculator', { manual, run: (args: string) => ({ ok: true as const, text: `${args.length}` }) }],
    ]),
    DEFAULT_TOOL_LIMITS,
  );
const CALL = '<|tool|><|calculator|><|args|>1+2<|/tool|>';
const [THINK] = idsOf('<think>');
const EOS = 0;
const greedy = { temperature: 0, topK: null, topP: null };

/** A generator whose next id is a function of the text before it; `certain` says whether it is sure of it. */
function scripted(next: (text: string) => number, certain = true) {
  const predict = async (ids: readonly number[]) => {
    const logits = new Float32Array(tokenizer.vocabularySize);
    logits[next(wordsOf(ids))] = certain ? 30 : 0.1;
    return { logits, steps: 3 };
  };
  const generator = { contextLength: 200, next: predict };
  return Object.assign(generator, {
    generate: Generator.prototype.generate.bind(generator) as Generator['generate'],
  });
}

/** Writes a text word for word behind its prompt; a result in it is skipped, as somebody else writes it. */
const writing = (wanted: string) => {
  const ids = [...idsOf(wanted), EOS];
  return (text: string): number =>
    ids[idsOf(text.replace(/<\|result\|>.*?<\|\/result\|>/g, '')).length - 2] ?? EOS;
};

async function write(
  generator: ReturnType<typeof scripted>,
  changes: Partial<Parameters<typeof generateCalling>[2]> = {},
) {
  const items: CallingItem[] = [];
  const calls: WrittenCall[] = [];
  const options = {
    ...{ ...greedy, ...writableIds(tokenizer), maxTokens: 40, stop: EOS },
    ...{
      calling: { facts, tokenizer, runtime: runtimeOf() },
      onCall: (call: WrittenCall) => void calls.push(call),
    },
    ...changes,
  };
  for await (const item of generateCalling(generator, idsOf('q?'), options, stream(1))) items.push(item);
  const kinds = items.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1]);
  return { items, calls, kinds, text: wordsOf(items.map(({ id }) => id)) };
}

describe('a text with calls', () => {
  test('stops at the end of a call and goes on behind its result', async () => {
    const { items, calls, kinds, text } = await write(scripted(writing(`so ${CALL}yes.`)));
    expect(text).toBe(`so ${CALL}<|result|> 3<|/result|>yes.`);
    expect(kinds).toEqual(['text', 'call', 'result', 'text']);
    expect(calls).toEqual([
      { name: 'calculator', args: '1+2', outcome: { ok: true, text: '3' }, result: '3' },
    ]);
    for (const { kind, steps } of items) expect(steps).toBe(kind === 'result' ? 0 : 3);
  });

  test('has no more calls than the facts allow', async () => {
    const { calls, text } = await write(scripted(writing(`${CALL}${CALL}${CALL}`)));
    expect(calls).toHaveLength(2);
    // What may not be written is not: the likeliest of the rest is the first id, which ends the text.
    expect(text).toBe(`${CALL}<|result|> 3<|/result|>`.repeat(2));
  });

  test('never holds a result that the model wrote', async () => {
    const { kinds } = await write(scripted(() => idsOf('<|result|>')[0]!));
    expect(kinds).toEqual([]);
  });

  test('that is no call fails, and one that the text ends within too', async () => {
    const wrong = await write(scripted(writing('<|calculator|>1<|/tool|>oh.')));
    expect(wrong.text).toBe('<|calculator|>1<|/tool|><|result|> error: grammar<|/result|>oh.');
    expect(wrong.calls).toMatchObject([{ name: null, result: 'error: grammar' }]);
    const broken = await write(scripted(writing('hm <|tool|><|calculator|>')));
    expect([broken.text, broken.kinds]).toEqual(['hm <|tool|><|calculator|>', ['text', 'call']]);
    expect(broken.calls).toMatchObject([{ name: null, result: null, outcome: { failure: 'grammar' } }]);
  });

  test('counts text and calls, not results', async () => {
    const { text } = await write(scripted(writing(`${CALL}abcdef`)), { maxTokens: 9 });
    expect(text).toBe(`${CALL}<|result|> 3<|/result|>ab`);
    expect((await write(scripted(writing(CALL)), { maxTokens: 7 })).text).toBe(
      `${CALL}<|result|> 3<|/result|>`,
    );
  });

  test('thinks outside of calls alone, and no thought holds a call', async () => {
    // Always in doubt, it would think before every token; in a thought it wants to call.
    const next = (text: string): number => {
      const open = text.lastIndexOf('<think>') > text.lastIndexOf('.');
      const spoken = text.replace(/<think>[^.]*\./g, '');
      return open ? idsOf('<|tool|>')[0]! : writing(`a${CALL}b`)(spoken);
    };
    const thinking = {
      start: THINK!,
      end: idsOf('.')[0]!,
      tags: [],
      length: 2,
      threshold: 0,
      minInterval: 1,
    };
    const { kinds, items } = await write(scripted(next, false), {
      thinking: { ...thinking, atStart: true },
      maxTokens: 9,
    });
    expect(kinds).toEqual(['thought', 'text', 'thought', 'call', 'result', 'thought', 'text']);
    const thought = items.filter(({ kind }) => kind === 'thought').map(({ id }) => id);
    expect(thought.some((id) => Object.values(facts.tags).includes(id))).toBe(false);
  });
});

test('pieces of a text say what they are, tags included', async () => {
  const pieces: TextPiece[] = [];
  const calls: WrittenCall[] = [];
  const generator = scripted(writing(`so ${CALL}yes.`)) as never;
  const options = { ...greedy, maxTokens: 40, seed: 1, calling: { facts, runtime: runtimeOf() } };
  // The empty start of a document and one character stand before it.
  const observer = { onCall: (call: WrittenCall) => void calls.push(call) };
  for await (const piece of generatePieces(generator, tokenizer, '?', options, observer)) pieces.push(piece);
  const of = (kind: TextPiece['kind']): string =>
    pieces
      .filter((piece) => piece.kind === kind)
      .map(({ text }) => text)
      .join('');
  expect(of('text')).toBe('so yes.');
  expect(of('call')).toBe(CALL);
  expect(of('result')).toBe('<|result|> 3<|/result|>');
  expect(calls).toHaveLength(1);
});
