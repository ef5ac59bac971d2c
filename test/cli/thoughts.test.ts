import { join } from 'node:path';
import { loadModel, type GeneratedText } from 'agentforge';
import { thinkingFor } from '../../tools/generate/thoughts.js';
import { TestIo, projectFolder, runCli } from '../support/cli.js';
import { WRITER_CONFIG, writerConfig } from '../support/writer-config.js';

/** A model that thinks before every fifth token: its threshold is 0. */
let thinker: ReturnType<typeof projectFolder>;
let plain: ReturnType<typeof projectFolder>;
beforeAll(async () => {
  thinker = projectFolder(writerConfig(['writer'], { thinks: true }));
  plain = projectFolder(WRITER_CONFIG);
  for (const { path } of [thinker, plain])
    expect(await runCli(['run', '--quiet'], new TestIo(path))).toMatchObject({ exitCode: 0, stderr: '' });
});
afterAll(() => {
  thinker.remove();
  plain.remove();
});

const ESCAPE = String.fromCharCode(27);
/** What is written dim. */
const DIM = new RegExp(`${ESCAPE}\\[2m([\\s\\S]*?)${ESCAPE}\\[22m`, 'g');

const FLAGS = ['generate', 'writer', '--prompt', 'the cat <think>', '--max-tokens', '12', '--seed', '1'];
const run = (...flags: string[]) => runCli([...FLAGS, ...flags], new TestIo(thinker.path));
const THOUGHT = /<think>(?:(?!<think>)[\s\S])*?<\/think>/g;

describe('generate --thoughts', () => {
  test('is off unless asked for: no thought, no tag, no line about the cost', async () => {
    const silent = await run('--json');
    const written = silent.document<GeneratedText>();
    expect(written.thoughts).toBeNull();
    expect(written.text).not.toMatch(/<\/?think>|<step>|<doubt>/);
    const piped = await run();
    expect([piped.stdout, piped.stderr]).toEqual([`${written.text}\n`, '']);
    expect((await run('--thoughts=off')).stdout).toBe(piped.stdout);
  });

  test('hide writes the text of a model that thought, and says what it cost', async () => {
    const { text, thoughts, tokens } = (await run('--thoughts=hide', '--json')).document<GeneratedText>();
    expect(tokens).toBe(12);
    // Before tokens 0, 5 and 10; four tokens and two marks at most.
    expect(thoughts).toMatchObject({ count: 3, density: 0.25 });
    expect(thoughts!.written.map(({ after }) => after)).toEqual([0, 5, 10]);
    for (const { text: thought } of thoughts!.written) expect(thought).toMatch(/^<think>[\s\S]*<\/think>$/);
    expect(thoughts!.tokens).toBeGreaterThanOrEqual(6);
    expect(thoughts!.tokens).toBeLessThanOrEqual(18);
    expect(thoughts!.tokenShare).toBeCloseTo(thoughts!.tokens / (thoughts!.tokens + 12), 12);
    expect(thoughts!.timeShare! > 0 && thoughts!.timeShare! < 1).toBe(true);
    const hidden = await run('--thoughts=hide');
    expect(hidden.stdout).toBe(`${text}\n`);
    expect(hidden.stderr).toMatch(
      /^3 thoughts \(one per 4\.0 tokens of text\): \d+ tokens, \d+% of all; \d+% of the time\.\n$/,
    );
  });

  test('show writes thoughts where they were thought, between their tags', async () => {
    const { text, thoughts } = (await run('--thoughts', '--json')).document<GeneratedText>();
    const { stdout } = await run('--thoughts');
    expect(stdout.match(THOUGHT)).toEqual(thoughts!.written.map((each) => each.text));
    expect(stdout.replace(THOUGHT, '')).toBe(`${text}\n`);
  });

  test('thoughts are dim on a terminal, the text is not', async () => {
    const io = new TestIo(thinker.path, { TERM: 'xterm', COLORTERM: 'truecolor', FORCE_COLOR: '1' });
    io.stdout.isTTY = true;
    const { stdout } = await runCli([...FLAGS, '--thoughts'], io);
    const dim = [...stdout.matchAll(DIM)].map(([, shown]) => shown);
    expect(dim[0]).toBe('the cat <think>');
    expect(dim.slice(1).join('').match(THOUGHT)).toHaveLength(3);
    expect(stdout.replace(DIM, '')).not.toContain('think>');
  });

  test('a model that was not taught to think is told by name, with exit code 2', async () => {
    for (const mode of ['show', 'hide']) {
      const refused = await runCli([...FLAGS, `--thoughts=${mode}`], new TestIo(plain.path));
      expect(refused.exitCode).toBe(2);
      expect(refused.stdout).toBe('');
      expect(refused.stderr).toContain('The model writer was not taught to think.');
    }
    expect((await runCli([...FLAGS, '--thoughts=off'], new TestIo(plain.path))).exitCode).toBe(0);
    expect(await run('--thoughts=loud')).toMatchObject({ exitCode: 2 });
  });
});

describe('from code', () => {
  test('thoughts are told in their place, on request also before the first token', async () => {
    const model = await loadModel('writer', { cwd: thinker.path });
    const options = { maxTokens: 6, seed: 1 };
    try {
      const told: string[] = [];
      const thought = await model.complete('the', {
        ...{ ...options, thoughts: true },
        onText: (piece) => told.push(piece),
        onThought: (piece) => told.push(piece),
      });
      expect(told.join('').replace(THOUGHT, '')).toBe(thought.text);
      expect(told.join('').match(THOUGHT)).toEqual(thought.thoughts!.written.map(({ text }) => text));
      const again = await model.complete('the', { ...options, thoughts: { atStart: true } });
      expect(again.thoughts!.written[0]!.after).toBe(0);
      for (const thoughts of ['yes', { atStart: 1 }, { first: true }, null])
        await expect(
          model.complete('the', { ...options, thoughts: thoughts as never }),
        ).rejects.toMatchObject({
          ...{ code: 'AF_GENERATE_OPTIONS', problems: [{ at: 'thoughts' }] },
        });
      // A prompt that spells a tag is text.
      const { extended } = model.tokenizer;
      const spelt = model.tokenizer.encode('<think> </think>');
      expect(spelt.some((id) => [...extended!.values()].includes(id))).toBe(false);
    } finally {
      await model.dispose();
    }
  });

  test('a record with tags that the tokenizer does not have is refused', async () => {
    const model = await loadModel('writer', { cwd: thinker.path });
    const { metadata, tokenizer } = model;
    const source = { name: 'writer', at: 'here', metadata };
    await expect(thinkingFor(source, tokenizer, true)).resolves.toMatchObject({ threshold: 0, length: 4 });
    const { extended: _, ...without } = {
      ...tokenizer,
      encode: () => [],
      decode: () => '',
      serialize: () => '',
    };
    const shifted = new Map([...tokenizer.extended!].map(([tag, id]) => [tag, id + 1]));
    for (const other of [without, { ...without, extended: shifted }])
      await expect(thinkingFor(source, other, true)).rejects.toMatchObject({
        ...{ code: 'AF_MODEL_TOKENIZER', at: 'here', facts: { tag: '<think>' } },
      });
    await model.dispose();
  });

  test('an exported folder thinks like the model it was made from', async () => {
    const exported = await runCli(['export', 'writer', '-o', 'out'], new TestIo(thinker.path));
    expect(exported.exitCode).toBe(0);
    const { text, thoughts } = (await run('--thoughts', '--json')).document<GeneratedText>();
    const flags = ['generate', join(thinker.path, 'out'), ...FLAGS.slice(2), '--thoughts', '--json'];
    const copy = (await runCli(flags, new TestIo(thinker.path))).document<GeneratedText>();
    expect([copy.text, copy.thoughts!.written]).toEqual([text, thoughts!.written]);
  });
});
