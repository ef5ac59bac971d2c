import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { loadModel, type Answer, type Conversation, type Model } from 'agentforge';
import { CHAT_COMMANDS, completions, runChatCommand } from '../../cli/chat/commands.js';
import { ChatPage } from '../../cli/chat/page.js';
import type { CommandContext } from '../../cli/command.js';
import type { ChatDocument } from '../../tools/chat/document.js';
import { copierConfig } from '../support/copier-config.js';
import { projectFolder, runCli, TestIo, type CliResult } from '../support/cli.js';
import { onTerminal, type PseudoTerminal } from '../support/pseudo-terminal.js';
import { writerConfig } from '../support/writer-config.js';

const ROOT = resolve(__dirname, '../..');

let copier: ReturnType<typeof projectFolder>;
let bare: ReturnType<typeof projectFolder>;
let small: ReturnType<typeof projectFolder>;
let thinker: ReturnType<typeof projectFolder>;
let folders: ReturnType<typeof projectFolder>[];
beforeAll(async () => {
  folders = [
    copierConfig(),
    copierConfig({ tools: false, personas: false }),
    copierConfig({ contextLength: 128 }),
    writerConfig(['writer'], { thinks: true }),
  ].map(projectFolder);
  [copier, bare, small, thinker] = folders as [typeof copier, typeof copier, typeof copier, typeof copier];
  for (const { path } of folders)
    expect(await runCli(['run', '--quiet'], new TestIo(path))).toMatchObject({ exitCode: 0, stderr: '' });
});
afterAll(() => {
  for (const folder of folders) folder.remove();
});

/** Ask through a pipe. */
function pipe(folder: typeof copier, input: string | Buffer, ...flags: string[]): Promise<CliResult> {
  const io = new TestIo(folder.path);
  io.stdin = Readable.from([input]);
  return runCli(['chat', ...flags], io);
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('on a terminal', () => {
  const PROMPT = '> ';

  function talk(folder: typeof copier, ...flags: string[]): PseudoTerminal {
    const node = [process.execPath, '--import', join(ROOT, 'test/support/run-typescript.mjs')];
    return onTerminal([...node, join(ROOT, 'cli/bin.ts'), 'chat', ...flags], folder.path);
  }

  /** What is shown of a line that is typed, up to the next prompt. */
  async function say(terminal: PseudoTerminal, line: string): Promise<string> {
    terminal.type(`${line}\r`);
    await terminal.until('\n');
    return terminal.until(`\n\x1b[1G\x1b[0J${PROMPT}`);
  }

  test('a question that needs the calculator is answered rightly; Ctrl-C stops the answer, not the program; nothing is lost', async () => {
    const terminal = talk(copier, '--max-tokens', '1000000');
    const greeting = await terminal.until(PROMPT);
    expect(greeting).toContain('/help lists commands');
    expect(greeting).toContain('Spelt as questions');
    expect(await say(terminal, 'What is (37+58)?')).toContain('[calculator(37+58) -> 95] 95\r\n');

    terminal.type('~\r');
    await terminal.until('ha ha ha ha');
    terminal.type('\x03');
    await terminal.until('(stopped)');
    await terminal.until(PROMPT);

    const refused = await say(terminal, '/persona lout');
    expect(refused).toContain('AF_GENERATE_OPTIONS');
    expect(refused).toContain('loud, terse');
    expect(refused).toContain('did you mean loud?');
    expect(await say(terminal, '/persona loud')).toContain('Persona: loud');
    expect(await say(terminal, 'Hello?')).toContain('OK\r\n');
    expect(await say(terminal, '/save kept.json')).toContain('Saved 3 turns');
    expect(await say(terminal, 'And (100-1)?')).toContain('[calculator(100-1) -> 99] 99');

    terminal.type('\x03');
    await terminal.until('Ctrl-C once more leaves');
    terminal.type('\x03');
    expect((await terminal.end()).code).toBe(0);
    const kept = JSON.parse(readFileSync(join(copier.path, 'kept.json'), 'utf8')) as ChatDocument;
    expect(kept.turns.map(({ question, stopped }) => [question, stopped])).toEqual([
      ['What is (37+58)?', 'end'],
      ['~', 'aborted'],
      ['Hello?', 'end'],
    ]);
    expect(kept.turns[1]!.text).toMatch(/^ha ha ha ha/);
  });

  test('what is typed while it answers is asked afterwards; Ctrl-C takes a line back, Ctrl-D leaves', async () => {
    const terminal = talk(copier, '--max-tokens', '1000000');
    await terminal.until(PROMPT);
    terminal.type('~\r');
    await terminal.until('ha ha');
    // Two lines and a half, as if pasted.
    terminal.type('Hello?\rWhat is (6*7)?\rand');
    await terminal.until('ha ha');
    terminal.type('\x03');
    expect(await terminal.until(`${PROMPT}Hello?`)).toContain('(stopped)');
    expect(await terminal.until(`${PROMPT}What is (6*7)?`)).toContain('ok\r\n');
    expect(await terminal.until(`${PROMPT}and`)).toContain('[calculator(6*7) -> 42] 42\r\n');
    terminal.type('\x03');
    await terminal.until(PROMPT);
    expect(await say(terminal, 'Hello?')).toContain('ok\r\n');
    terminal.type('\x04');
    expect((await terminal.end()).code).toBe(0);
  });

  test('a model without tools chats without; /exit leaves', async () => {
    const terminal = talk(bare);
    const greeting = await terminal.until(PROMPT);
    expect(greeting).toContain('The model knows no tools.');
    expect(greeting).toContain('The model has no personas.');
    expect(await say(terminal, 'What is (37+58)?')).toContain('ok\r\n');
    terminal.type('/exit\r');
    expect((await terminal.end()).code).toBe(0);
  });
});

describe('through a pipe', () => {
  test('every line is a question; answers alone are on standard output', async () => {
    expect(await pipe(copier, 'What is (37+58)?\n\nHello?\r\n/help')).toMatchObject({
      ...{ exitCode: 0, stdout: ' 95\nok\nok\n', stderr: '' },
    });
  });

  test('--json prints a document on each line', async () => {
    const { exitCode, stdout, stderr } = await pipe(copier, 'What is (37+58)?\n\nHello?', '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [first, second, ...rest] = lines(stdout);
    expect(rest).toEqual([]);
    const call = { after: 0, tool: 'calculator', args: '37+58', result: '95', failure: null };
    expect(first).toMatchObject({
      line: 1,
      question: 'What is (37+58)?',
      text: ' 95',
      calls: [call],
      dropped: 0,
    });
    expect(second).toMatchObject({ line: 3, question: 'Hello?', text: 'ok', calls: [] });
    // The second question has the first with its answer in front.
    const alone = lines((await pipe(copier, 'Hello?', '--json')).stdout)[0] as unknown as Answer;
    const before = 'Question: What is (37+58)?\nAnswer: 95\n'.length;
    expect((second as unknown as Answer).promptTokens).toBe(alone.promptTokens + before);
    // A model that learnt no conversations reads it where it is told to.
    const tokensOf = async (...flags: string[]): Promise<number[]> =>
      lines((await pipe(bare, 'Hello?\nHello?', '--json', ...flags)).stdout).map(
        (answer) => answer['promptTokens'] as number,
      );
    const [single, again] = await tokensOf();
    expect(again).toBe(single);
    const earlier = 'Question: Hello?\nAnswer:ok\n'.length;
    expect(await tokensOf('--turns', 'all')).toEqual([single, single! + earlier]);
  });

  test('a line that cannot be asked loses nothing of the others', async () => {
    const long = 'x'.repeat(600);
    const input = Buffer.concat([
      Buffer.from('Hello?\n'),
      Buffer.from([0xe9, 0x0a]),
      Buffer.from(`${long}\nHello?\n`),
    ]);
    const plain = await pipe(copier, input);
    expect([plain.exitCode, plain.stdout]).toEqual([1, 'ok\nok\n']);
    expect(plain.stderr).toContain('AF_USAGE  Line 2 is not UTF-8 text.');
    expect(plain.stderr).toContain('AF_CHAT_QUESTION  The question is too long');
    const told = lines((await pipe(copier, input, '--json')).stdout);
    expect(told.map(({ line, error }) => [line, (error as { code?: string } | undefined)?.code])).toEqual([
      [1, undefined],
      [2, 'AF_USAGE'],
      [3, 'AF_CHAT_QUESTION'],
      [4, undefined],
    ]);
    expect(told[2]).toMatchObject({ question: long });
  });

  test('says once that old turns are left out', async () => {
    const { stdout, stderr } = await pipe(small, 'Hello?\n'.repeat(8));
    expect(stdout).toBe('ok\n'.repeat(8));
    expect(stderr.match(/its oldest turns are left out/g)).toHaveLength(1);
    expect((await pipe(small, 'Hello?\n'.repeat(8), '--turns', '0')).stderr).toBe('');
  });

  test('Ctrl-C ends it with 130, and what was answered stays', async () => {
    const io = new TestIo(copier.path);
    io.stdin = Readable.from(['Hello?\n~\nHello?\n']);
    io.stdout.onWrite = (text) => {
      if (text === 'h') io.interrupt();
    };
    const stopped = await runCli(['chat', '--max-tokens', '100000'], io);
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stdout).toMatch(/^ok\nh[ha ]*\n$/);
    expect(stopped.stderr).toContain('Stopping after this token.');
  });

  test('Ctrl-C is heard while it waits for a line', async () => {
    const io = new TestIo(copier.path);
    const input = new Readable({ read: () => undefined });
    input.push('Hello?\n');
    io.stdin = input;
    io.stdout.onWrite = (text) => {
      if (text === '\n') setTimeout(() => io.interrupt(), 50);
    };
    expect(await runCli(['chat'], io)).toMatchObject({ exitCode: 130, stdout: 'ok\n' });
  });

  test.each<[string, string[], RegExp]>([
    [
      'an unknown persona',
      ['--persona', 'lout'],
      /persona is no persona of the model copier \(did you mean "loud"\?\)[^]*loud, terse/,
    ],
    ['an unknown tool', ['--tools', 'calculater'], /did you mean "calculator"/],
    ['thoughts of a model that has none', ['--thoughts', 'show'], /was not taught to think/],
    ['an unknown template', ['--template', 'chatml'], /Allowed choices are auto, question, plain/],
    ['a model that is not there', ['nobody'], /AF_REGISTRY_NOT_FOUND/],
  ])('%s is refused with exit code 2', async (_, flags, said) => {
    const { exitCode, stdout, stderr } = await pipe(copier, 'Hello?\n', ...flags);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(said);
  });

  test('takes persona, tools and sampling from its flags', async () => {
    const { stdout } = await pipe(
      copier,
      'Hello?\nWhat is (1+1)?\n',
      '--persona',
      'loud',
      '--tools',
      'bare',
      '--json',
    );
    const [hello, sum] = lines(stdout) as unknown as Answer[];
    expect([hello!.text, sum!.text]).toEqual(['OK', ' 2']);
    // No manual: the start, the line of the persona, and the question.
    expect(hello!.promptTokens).toBe(1 + 2 + 'Question: Hello?\nAnswer:'.length);
    expect(
      (await pipe(copier, 'What is (1+1)?', '--tools', 'off', '--max-tokens', '1')).stdout,
    ).not.toContain('2');
  });

  test('thoughts are hidden', async () => {
    const [answer] = lines(
      (await pipe(thinker, 'the cat', '--json', '--max-tokens', '8')).stdout,
    ) as unknown as Answer[];
    expect(answer!.thoughts!.count).toBeGreaterThan(0);
    expect(answer!.thoughts!.written[0]!.after).toBe(0);
    expect((await pipe(thinker, 'the cat', '--max-tokens', '8', '--seed', '0')).stdout).toBe(
      `${answer!.text}\n`,
    );
    expect((await pipe(thinker, 'the cat', '--thoughts', 'off', '--json')).stdout).toContain(
      '"thoughts":null',
    );
  });
});

describe('commands within', () => {
  let model: Model;
  let chat: Conversation;
  let io: TestIo;
  const run = (line: string): Promise<string | null> =>
    runChatCommand(
      {
        chat,
        page: new ChatPage({ io, json: false, debug: false } as unknown as CommandContext, {
          showsThoughts: false,
        }),
        cwd: copier.path,
      },
      line,
    );
  beforeAll(async () => {
    model = await loadModel('copier', { cwd: copier.path });
  });
  afterAll(() => model.dispose());
  beforeEach(async () => {
    io = new TestIo(copier.path);
    chat = await model.chat();
  });

  test('settings are changed and told', async () => {
    expect(await run('/persona')).toBe('Persona: none; it has loud, terse.');
    expect(await run('/persona terse')).toBe('Persona: terse; it has loud, terse.');
    expect(await run('/persona none')).toBe('Persona: none; it has loud, terse.');
    expect(await run('/tools')).toBe('Tools: calculator; their manuals in front.');
    expect(await run('/tools bare')).toBe('Tools: calculator; no manuals in front.');
    expect(await run('/tools off')).toBe('Tools: off; it knows calculator.');
    expect(await run('/tools calculator')).toBe('Tools: calculator; their manuals in front.');
    expect(await run('/system  Be brief. ')).toBe('System text: Be brief.');
    expect(chat.settings).toMatchObject({ system: 'Be brief.', persona: null, manuals: ['calculator'] });
    expect(await run('/system none')).toBe('No system text.');
    expect(await run('/turns')).toBe('It reads as many earlier turns as fit.');
    expect(await run('/turns 2')).toBe('It reads the last 2 earlier turns, as far as they fit.');
    expect(await run('/turns 0')).toBe('Each question stands alone.');
    await expect(run('/turns some')).rejects.toMatchObject({ code: 'AF_USAGE' });
    expect(chat.settings.turns).toBe(0);
    expect(await run('/turns all')).toBe('It reads as many earlier turns as fit.');
    expect(await run('/thoughts')).toBe('It does not think.');
    await expect(run('/thoughts show')).rejects.toMatchObject({ code: 'AF_GENERATE_OPTIONS' });
    await expect(run('/thoughts loud')).rejects.toMatchObject({ code: 'AF_USAGE' });
    await expect(run('/tools calculater')).rejects.toMatchObject({
      problems: [{ suggestion: 'calculator' }],
    });
    expect(chat.settings).toMatchObject({ thoughts: false, tools: true, manuals: ['calculator'] });
    expect(await run('/exit')).toBeNull();
  });

  test('reset forgets what was said, and keeps settings', async () => {
    await run('/persona loud');
    await chat.answer('Hello?');
    expect(await run('/reset')).toContain('forgotten');
    expect([chat.turns, chat.settings.persona]).toEqual([[], 'loud']);
  });

  test('help lists every command, and how questions are spelt', async () => {
    const help = await run('/help');
    for (const { name } of CHAT_COMMANDS) expect(help).toContain(`/${name}`);
    expect(help).toContain('Spelt as questions');
  });

  test('an unknown command names the nearest, and all', async () => {
    await expect(run('/presona')).rejects.toMatchObject({
      code: 'AF_USAGE',
      message: 'There is no command /presona. Did you mean /persona?',
      fix: expect.stringContaining('/save') as string,
    });
    await expect(run('/')).rejects.toMatchObject({ code: 'AF_USAGE' });
  });

  test('save writes JSON or Markdown, replaces nothing unasked, and loses nothing on a bad path', async () => {
    await chat.answer('What is (37+58)?');
    expect(await run('/save talk.md')).toContain('Saved 1 turn to');
    const text = readFileSync(join(copier.path, 'talk.md'), 'utf8');
    expect(text).toBe(
      `# Conversation with ${chat.model}\n\n## Question\n\n> What is (37+58)?\n\n- \`calculator(37+58) -> 95\`\n\n## Answer\n\n>  95\n`,
    );
    await chat.answer('Hello?');
    await expect(run('/save talk.md')).rejects.toMatchObject({
      code: 'AF_USAGE',
      message: 'talk.md is there already.',
    });
    expect(readFileSync(join(copier.path, 'talk.md'), 'utf8')).toBe(text);
    expect(await run('/save talk.md --force')).toContain('Saved 2 turns');
    expect(readFileSync(join(copier.path, 'talk.md'), 'utf8')).toContain('Hello?');
    writeFileSync(join(copier.path, 'file'), '');
    await expect(run('/save file/x.json')).rejects.toMatchObject({
      code: expect.stringMatching(/^AF_STORAGE_/) as string,
    });
    await expect(run('/save notes.txt')).rejects.toMatchObject({ code: 'AF_USAGE' });
    await expect(run('/save')).rejects.toMatchObject({ code: 'AF_USAGE', message: 'No file is named.' });
    expect(existsSync(join(copier.path, 'notes.txt'))).toBe(false);
    expect(chat.turns).toHaveLength(2);
    await run('/save deep/down/talk.json');
    const kept = JSON.parse(readFileSync(join(copier.path, 'deep/down/talk.json'), 'utf8')) as ChatDocument;
    expect(kept).toEqual({ model: chat.model, settings: chat.settings, turns: chat.turns });
  });

  test('the tabulator knows commands, personas and tools', () => {
    expect(completions(chat, '/s')).toEqual([['/system', '/save'], '/s']);
    expect(completions(chat, '/persona l')).toEqual([['loud'], 'l']);
    expect(completions(chat, '/tools ')).toEqual([['on', 'bare', 'off', 'calculator'], '']);
    expect(completions(chat, 'What')).toEqual([[], 'What']);
    expect(completions(chat, '/reset x')).toEqual([[], 'x']);
  });
});

describe('generate', () => {
  const FLAGS = ['generate', 'copier', '--greedy', '--tools'];
  const prompts = (input: string | Buffer, ...flags: string[]): Promise<CliResult> => {
    const io = new TestIo(copier.path);
    io.stdin = Readable.from([input]);
    return runCli([...FLAGS, '--prompts', '-', ...flags], io);
  };

  test('--prompts continues every line of a file or of standard input, each alone', async () => {
    writeFileSync(join(copier.path, 'prompts.txt'), 'Q (1+2):\n\nQ:\n');
    const fromFile = await runCli([...FLAGS, '--prompts', 'prompts.txt', '--json'], new TestIo(copier.path));
    expect(fromFile.exitCode).toBe(0);
    const found = lines(fromFile.stdout);
    expect(found.map(({ line, prompt, text }) => [line, prompt, text])).toEqual([
      [1, 'Q (1+2):', ' 3'],
      [3, 'Q:', 'ok'],
    ]);
    expect(found[0]).toMatchObject({ model: expect.stringMatching(/^copier_/) as string, temperature: 0 });
    expect(fromFile.stderr).toMatch(/generate prompts/);
    expect((await prompts('Q:\nQ:\n')).stdout).toBe('ok\nok\n');
  });

  test('a line that cannot be read loses nothing of the others', async () => {
    const { exitCode, stdout, stderr } = await prompts(
      Buffer.from([0x51, 0x3a, 0x0a, 0xe9, 0x0a, 0x51, 0x3a]),
      '--json',
    );
    expect(exitCode).toBe(1);
    expect(lines(stdout)).toMatchObject([
      { line: 1, text: 'ok' },
      { line: 2, error: { code: 'AF_USAGE' } },
      { line: 3, text: 'ok' },
    ]);
    expect(stderr).toContain('Line 2 is not UTF-8 text.');
  });

  test.each([
    ['nothing', '\n\n', []],
    ['two kinds of prompts', 'Q:\n', ['--prompt', 'x']],
    ['a persona that is not there', 'Q:\n', ['--persona', 'lout']],
  ])('refuses %s with exit code 2', async (_, input, flags) => {
    expect(await prompts(input, ...flags)).toMatchObject({ exitCode: 2 });
  });

  test('--persona', async () => {
    const flags = ['generate', 'copier', '--greedy', '--prompt', 'Q:', '--persona', 'loud'];
    expect((await runCli(flags, new TestIo(copier.path))).stdout).toBe('OK\n');
  });

  test('Ctrl-C ends it with 130', async () => {
    const io = new TestIo(copier.path);
    io.stdin = Readable.from(['Q:\nQ~:\nQ:\n']);
    io.stdout.onWrite = (text) => {
      if (text === 'h') io.interrupt();
    };
    const { exitCode, stdout } = await runCli([...FLAGS, '--prompts', '-', '--max-tokens', '100000'], io);
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/^ok\nh[ha ]*\n$/);
  });
});
