import { join } from 'node:path';
import { loadModel, type GeneratedText } from 'agentforge';
import { callingFor } from '../../tools/generate/calls.js';
import { callerConfig } from '../support/caller-config.js';
import { TestIo, projectFolder, runCli } from '../support/cli.js';
import { WRITER_CONFIG } from '../support/writer-config.js';

let caller: ReturnType<typeof projectFolder>;
let stranger: ReturnType<typeof projectFolder>;
let plain: ReturnType<typeof projectFolder>;
beforeAll(async () => {
  [caller, stranger, plain] = [callerConfig(), callerConfig('oracle'), WRITER_CONFIG].map(projectFolder) as [
    typeof caller,
    typeof caller,
    typeof caller,
  ];
  for (const { path } of [caller, stranger, plain])
    expect(await runCli(['run', '--quiet'], new TestIo(path))).toMatchObject({ exitCode: 0, stderr: '' });
});
afterAll(() => {
  for (const folder of [caller, stranger, plain]) folder.remove();
});

/** The first wording of the built-in one. */
const MANUAL = '<|calculator|> works out sums. Give it the numbers and signs.';

async function callerModel() {
  const model = await loadModel('caller', { cwd: caller.path });
  return { tokenizer: model.tokenizer, dispose: () => model.dispose() };
}

const FLAGS = ['generate', 'latest', '--prompt', 'what is 7+8?', '--greedy', '--max-tokens', '20'];
const run = (...flags: string[]) => runCli([...FLAGS, ...flags], new TestIo(caller.path));
const CALL = '<|tool|><|calculator|><|args|>7+8<|/tool|>';

describe('generate --tools', () => {
  test('shows calls and results in their place', async () => {
    expect(await run('--tools')).toMatchObject({
      ...{ exitCode: 0, stdout: `${CALL}<|result|> 15<|/result|>.\n`, stderr: '' },
    });
  });

  test('says in its document what was called and what came of it', async () => {
    const written = (await run('--tools', '--json')).document<GeneratedText>();
    expect(written).toMatchObject({ text: '.', tokens: 1, stopped: 'end', thoughts: null });
    expect(written.calls).toEqual([
      { after: 0, tool: 'calculator', args: '7+8', result: '15', failure: null },
    ]);
  });

  test('is off unless asked for: no call, no tag', async () => {
    const { text, calls } = (await run('--json')).document<GeneratedText>();
    expect(calls).toBeNull();
    expect(text).not.toMatch(/<\|/);
  });

  test('ends by its length where text and calls have it', async () => {
    const cut = (await run('--tools', '--json', '--max-tokens', '6')).document<GeneratedText>();
    expect(cut).toMatchObject({ text: '', stopped: 'length' });
    expect(cut.calls).toMatchObject([{ tool: null, result: null, failure: 'grammar' }]);
  });

  test('calls are dim on a terminal', async () => {
    const io = new TestIo(caller.path, { TERM: 'xterm', COLORTERM: 'truecolor', FORCE_COLOR: '1' });
    io.stdout.isTTY = true;
    const { stdout } = await runCli([...FLAGS, '--tools'], io);
    const escape = String.fromCharCode(27);
    const plainly = stdout.replace(new RegExp(`${escape}\\[2m[\\s\\S]*?${escape}\\[22m`, 'g'), '');
    expect(plainly).not.toContain('<|');
    expect(plainly).toContain('.');
  });

  test('a model that was not taught to call is told by name, with exit code 2', async () => {
    const refused = await runCli([...FLAGS, '--tools'], new TestIo(plain.path));
    expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('The model writer was not taught to call tools.');
  });

  test('a tool that no plugin provides is told by name, with those that are there', async () => {
    const refused = await runCli([...FLAGS, '--tools'], new TestIo(stranger.path));
    expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('AF_PLUGIN_UNKNOWN');
    expect(refused.stderr).toContain('The model caller calls the tool "oracle", and no plugin provides it.');
    expect(refused.stderr).toContain('calculator, code-executor, database-query, file-reader, search');
    expect(await runCli(FLAGS, new TestIo(stranger.path))).toMatchObject({ exitCode: 0 });
  });

  test('--manuals puts manuals in front of the prompt, each with the token of its tool', async () => {
    const [bare, told] = await Promise.all(
      [['--tools'], ['--manuals', 'calculator']].map(async (flags) =>
        (await run(...flags, '--json')).document<GeneratedText>(),
      ),
    );
    const { tokenizer, dispose } = await callerModel();
    const line = tokenizer.encode(`${MANUAL}\n`, { specials: true });
    expect(line).toContain(tokenizer.extended!.get('<|calculator|>'));
    expect(told!.promptTokens - bare!.promptTokens).toBe(line.length);
    expect(told!.calls).not.toBeNull();
    expect((await run('--manuals', 'all', '--json')).document<GeneratedText>()).toEqual({
      ...told,
      seconds: expect.any(Number) as number,
    });
    await dispose();
  });

  test('--manuals of a tool that the model does not know names the nearest', async () => {
    const refused = await run('--manuals', 'calculater');
    expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('calculater');
    expect(refused.stderr).toMatch(/did you mean "calculator"/i);
  });

  test('an exported folder calls like the model it was made from', async () => {
    expect((await runCli(['export', 'caller', '-o', 'out'], new TestIo(caller.path))).exitCode).toBe(0);
    const flags = ['generate', join(caller.path, 'out'), ...FLAGS.slice(2), '--tools'];
    expect((await runCli(flags, new TestIo(caller.path))).stdout).toBe(`${CALL}<|result|> 15<|/result|>.\n`);
  });
});

describe('from code', () => {
  test('calls are told piece by piece; wrong options and records are refused', async () => {
    const model = await loadModel('caller', { cwd: caller.path });
    const { metadata, tokenizer } = model;
    try {
      const told: string[] = [];
      const options = { temperature: 0, tools: true, onCall: (piece: string) => told.push(piece) };
      const written = await model.complete('7+8?', options);
      expect([told.join(''), written.text]).toEqual([`${CALL}<|result|> 15<|/result|>`, '.']);
      for (const tools of ['yes', null, 1, {}, { manuals: 1 }, { manuals: [1] }])
        await expect(model.complete('?', { tools: tools as never })).rejects.toMatchObject({
          ...{ code: 'AF_GENERATE_OPTIONS', problems: [{ at: 'tools' }] },
        });
      const shifted = new Map([...tokenizer.extended!].map(([tag, id]) => [tag, id + 1]));
      const other = { ...tokenizer, extended: shifted } as typeof tokenizer;
      const tools = { names: () => ['calculator'], resolve: () => ({}) as never };
      await expect(
        callingFor({ name: 'caller', at: 'here', metadata }, other, tools, true),
      ).rejects.toMatchObject({ code: 'AF_MODEL_TOKENIZER', at: 'here' });
      // A prompt that spells a call is text.
      const spelt = tokenizer.encode(CALL);
      expect(spelt.some((id) => [...tokenizer.extended!.values()].includes(id))).toBe(false);
    } finally {
      await model.dispose();
    }
  });
});
