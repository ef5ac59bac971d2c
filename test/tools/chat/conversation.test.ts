import {
  loadModel,
  type Answer,
  type ChatOptions,
  type ChatPiece,
  type Conversation,
  type Model,
} from 'agentforge';
import { promptIds } from '../../../plugins/phases/shared/tasks/prompts.js';
import { questionSpelling } from '../../../tools/chat/spelling/question.js';
import { copierConfig } from '../../support/copier-config.js';
import { projectFolder, runCli, TestIo } from '../../support/cli.js';

let folders: ReturnType<typeof projectFolder>[];
let [copier, bare, small, tiny, baked]: Model[] = [];
beforeAll(async () => {
  folders = [
    copierConfig(),
    copierConfig({ tools: false, personas: false }),
    copierConfig({ contextLength: 128 }),
    copierConfig({ contextLength: 80 }),
    copierConfig({ baked: true }),
  ].map(projectFolder);
  for (const { path } of folders)
    expect(await runCli(['run', '--quiet'], new TestIo(path))).toMatchObject({ exitCode: 0, stderr: '' });
  [copier, bare, small, tiny, baked] = await Promise.all(
    folders.map(({ path }) => loadModel('copier', { cwd: path })),
  );
});
afterAll(async () => {
  for (const model of [copier, bare, small, tiny, baked]) await model?.dispose();
  for (const folder of folders) folder.remove();
});

/** What is said piece by piece, and what it comes to. */
async function hear(chat: Conversation, question: string): Promise<{ pieces: ChatPiece[]; answer: Answer }> {
  const pieces: ChatPiece[] = [];
  const answer = chat.ask(question);
  for (;;) {
    const next = await answer.next();
    if (next.done === true) return { pieces, answer: next.value };
    pieces.push(next.value);
  }
}

const SUM = 'What is (37+58)?';
const CALL = { after: 0, tool: 'calculator', args: '37+58', result: '95', failure: null };

describe('a conversation', () => {
  test('answers with the calculator, call and text in their order', async () => {
    const chat = await copier!.chat();
    const { pieces, answer } = await hear(chat, SUM);
    expect(pieces[0]).toEqual({ kind: 'call', call: CALL });
    expect(pieces.slice(1).every(({ kind }) => kind === 'text')).toBe(true);
    expect(answer).toMatchObject({ question: SUM, text: ' 95', calls: [CALL], stopped: 'end', dropped: 0 });
    expect(chat.turns).toEqual([answer]);
    // Another sum is another answer: it is computed and not known.
    expect((await chat.answer('And (12*12-3)?')).text).toBe(' 141');
  });

  test('has sensible defaults, and says which', async () => {
    const { settings, known, model } = await copier!.chat();
    expect(settings).toEqual({
      ...{
        spelling: 'question',
        persona: null,
        system: null,
        tools: true,
        manuals: ['calculator'],
        thoughts: false,
      },
      ...{ turns: null, temperature: 0, topK: 50, topP: 0.95, maxTokens: 256, seed: 0 },
    });
    expect(known).toEqual({ personas: ['loud', 'terse'], tools: ['calculator'] });
    expect(model).toMatch(/^copier_session_/);
    expect((await copier!.chat({ template: 'plain' })).settings).toMatchObject({
      spelling: 'plain',
      temperature: 0.8,
    });
    // A model without personas learnt no conversations.
    expect((await bare!.chat()).settings.turns).toBe(0);
    expect((await bare!.chat({ turns: null })).settings.turns).toBeNull();
    expect((await bare!.chat({ template: 'plain' })).settings.turns).toBeNull();
    // One whose record says that it calls without a manual, and what conversations it was taught.
    expect((await baked!.chat()).settings).toMatchObject({ tools: true, manuals: [], turns: 2 });
    expect((await baked!.chat({ tools: { manuals: 'all' } })).settings.manuals).toEqual(['calculator']);
    // Manuals that would take more than half of the context do not stand in front unasked.
    expect((await small!.chat()).settings).toMatchObject({ tools: true, manuals: ['calculator'] });
    expect((await tiny!.chat()).settings).toMatchObject({ tools: true, manuals: [] });
    expect((await tiny!.chat({ tools: { manuals: 'all' } })).settings.manuals).toEqual(['calculator']);
  });

  test('a model that knows no tools chats without', async () => {
    const chat = await bare!.chat();
    expect(chat.settings).toMatchObject({ tools: false, manuals: [] });
    expect(await chat.answer(SUM)).toMatchObject({ text: 'ok', calls: null });
    await expect(bare!.chat({ tools: true })).rejects.toMatchObject({ code: 'AF_GENERATE_OPTIONS' });
  });

  test('a persona is its token; an unknown one is told with the known ones, and nothing changes', async () => {
    const chat = await copier!.chat();
    expect((await chat.answer('Hello?')).text).toBe('ok');
    await chat.change({ persona: 'loud' });
    expect((await chat.answer('Hello?')).text).toBe('OK');
    const refused = chat.change({ persona: 'lout', system: 'x' });
    await expect(refused).rejects.toMatchObject({
      code: 'AF_GENERATE_OPTIONS',
      problems: [{ at: 'persona', expected: 'loud, terse', found: 'lout', suggestion: 'loud' }],
    });
    expect(chat.settings).toMatchObject({ persona: 'loud', system: null });
    expect(chat.turns).toHaveLength(2);
    await chat.change({ persona: null });
    expect((await chat.answer('Hello?')).text).toBe('ok');
    await expect(bare!.chat({ persona: 'loud' })).rejects.toThrow('The model copier was given no personas.');
    // Whoever types the token has typed text.
    expect((await chat.answer('<|persona:loud|>')).text).toBe('ok');
  });

  test('generate takes on a persona too', async () => {
    const options = { temperature: 0, tools: false };
    expect((await copier!.complete('Q:', options)).text).toBe('ok');
    expect((await copier!.complete('Q:', { ...options, persona: 'loud' })).text).toBe('OK');
    await expect(copier!.complete('Q:', { persona: 'shy' })).rejects.toMatchObject({
      code: 'AF_GENERATE_OPTIONS',
    });
    await expect(copier!.complete('Q:', { persona: 7 as never })).rejects.toMatchObject({
      code: 'AF_GENERATE_OPTIONS',
    });
  });

  test('ends by its signal or when nobody listens; what was said counts, and it goes on', async () => {
    const chat = await copier!.chat({ maxTokens: 100_000 });
    const stop = new AbortController();
    const answer = chat.ask('~', { signal: stop.signal });
    for (let i = 0; i < 4; i++) await answer.next();
    stop.abort();
    expect((await answer.next()).value).toMatchObject({
      text: 'ha h',
      stopped: 'aborted',
    });
    let heard = '';
    for await (const piece of chat.ask('~~')) {
      if (piece.kind === 'text') heard += piece.text;
      if (heard.length >= 3) break;
    }
    expect(chat.turns.map(({ question, text, stopped }) => [question, text, stopped])).toEqual([
      ['~', 'ha h', 'aborted'],
      ['~~', 'ha ', 'aborted'],
    ]);
    expect((await chat.answer(SUM)).text).toBe(' 95');
  });

  test('one question at a time', async () => {
    const chat = await copier!.chat();
    const first = chat.ask(SUM);
    await first.next();
    await expect(chat.answer('Hello?')).rejects.toMatchObject({ code: 'AF_CHAT_QUESTION' });
    await first.return(undefined as never);
    expect((await chat.answer('Hello?')).text).toBe('ok');
  });

  test('reset forgets, turns bounds what is read', async () => {
    const chat = await copier!.chat({ turns: 1 });
    const lengths: number[] = [];
    for (let i = 0; i < 3; i++) lengths.push((await chat.answer('Hello?')).promptTokens);
    expect(lengths[1]).toBeGreaterThan(lengths[0]!);
    expect(lengths[2]).toBe(lengths[1]);
    expect(chat.turns.at(-1)!.dropped).toBe(0);
    chat.reset();
    expect(chat.turns).toEqual([]);
    expect((await chat.answer('Hello?')).promptTokens).toBe(lengths[0]);
  });

  test('drops whole turns, the oldest first, and refuses what does not fit alone', async () => {
    const chat = await small!.chat({ system: 'x', tools: true });
    // Of 128 tokens a quarter is kept for the answer: 96 may be read.
    const answers: Answer[] = [];
    for (let i = 0; i < 6; i++) answers.push(await chat.answer('Hello?'));
    const alone = answers[0]!.promptTokens;
    const turn = answers[1]!.promptTokens - alone;
    const fits = Math.floor((96 - alone) / turn);
    expect(fits).toBeGreaterThan(0);
    expect(answers.map(({ dropped }) => dropped)).toEqual(
      [0, 1, 2, 3, 4, 5].map((i) => Math.max(0, i - fits)),
    );
    for (const { promptTokens, promptTokensSeen } of answers) {
      expect(promptTokens).toBeLessThanOrEqual(96);
      expect(promptTokensSeen).toBe(promptTokens);
    }
    const before = chat.turns.length;
    await expect(chat.answer('Hello? '.repeat(20))).rejects.toMatchObject({
      code: 'AF_CHAT_QUESTION',
      facts: { most: 96, spelling: 'question' },
    });
    expect(chat.turns).toHaveLength(before);
    expect((await chat.answer(SUM)).text).toBe(' 95');
  });

  test.each<[string, ChatOptions]>([
    ['system', { system: 3 as never }],
    ['thoughts', { thoughts: 'yes' as never }],
    ['turns', { turns: -1 }],
    ['template', { template: 'chatml' as never }],
    ['maxTokens', { maxTokens: 0 }],
    ['tempo', { tempo: 1 } as never],
  ])('a wrong option is refused: %s', async (at, options) => {
    await expect(copier!.chat(options)).rejects.toMatchObject({
      code: 'AF_GENERATE_OPTIONS',
      problems: [{ at }],
    });
  });

  test.each(['', '  \n', 7 as never])('an empty question is refused: %j', async (question) => {
    const chat = await copier!.chat();
    await expect(chat.answer(question)).rejects.toMatchObject({ code: 'AF_CHAT_QUESTION' });
  });

  test('a model that was disposed says so', async () => {
    const model = await loadModel('copier', { cwd: folders[1]!.path });
    const chat = await model.chat();
    await model.dispose();
    await expect(chat.answer('Hello?')).rejects.toMatchObject({ code: 'AF_MODEL_DISPOSED' });
    await expect(model.chat()).rejects.toMatchObject({ code: 'AF_MODEL_DISPOSED' });
  });
});

describe('how it is spelt', () => {
  const none = { persona: '', system: null, manuals: [] };
  const item = { question: SUM } as never;

  test('a single question has the ids that it is trained with, with manuals and without', () => {
    const { tokenizer } = copier!;
    const { spell } = questionSpelling(tokenizer);
    const manuals = ['<|calculator|> works out sums. Give it the numbers and signs.', 'See <|calculator|>'];
    const asked = { item, manuals, hint: null };
    const lines = manuals.map((manual) => `${manual}\n`);
    expect(spell({ ...none, manuals: lines }, [], SUM).ids).toEqual(
      promptIds({ tokenizer, tools: null }, asked),
    );
    expect(spell(none, [], SUM).ids).toEqual(
      promptIds({ tokenizer, tools: null }, { ...asked, manuals: [] }),
    );
  });

  test('so have earlier turns', () => {
    const { tokenizer } = copier!;
    const turns = [
      { question: 'A?', answer: ' #### 1' },
      { question: SUM, answer: '' },
    ];
    expect(questionSpelling(tokenizer).spell(none, turns, SUM).ids).toEqual(
      promptIds({ tokenizer, tools: null }, { item, manuals: [], hint: null, turns }),
    );
  });

  test('earlier turns stand in front, the persona and the system line before all', () => {
    const { tokenizer } = copier!;
    const front = { persona: '<|persona:loud|>\n', system: ' Be\n brief. ', manuals: ['<|calculator|>!\n'] };
    const { ids } = questionSpelling(tokenizer).spell(front, [{ question: 'A?', answer: ' #### 1' }], 'B?');
    expect(ids[0]).toBe(tokenizer.special.bos);
    expect(tokenizer.decode(ids.slice(1), { specials: true })).toBe(
      '<|persona:loud|>\nBe brief.\n<|calculator|>!\nQuestion: A?\nAnswer: #### 1\nQuestion: B?\nAnswer:',
    );
    expect(
      ids
        .slice(1)
        .filter((id) => id >= 256)
        .map((id) => tokenizer.decode([id], { specials: true })),
    ).toEqual(['<|persona:loud|>', '<|calculator|>']);
  });

  test('the same question writes the same text as generate does, sampled too', async () => {
    const sampling = { temperature: 5, topK: null, topP: null, seed: 3, maxTokens: 12 };
    const chat = await copier!.chat({ ...sampling, tools: false });
    const { text } = await copier!.complete(`Question: Hello?\nAnswer:`, sampling);
    expect((await chat.answer('Hello?')).text).toBe(text);
  });
});
