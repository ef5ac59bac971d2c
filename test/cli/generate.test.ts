import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runCli, projectFolder, TestIo } from '../support/cli.js';
import { WRITER_CONFIG } from '../support/writer-config.js';

let folder: ReturnType<typeof projectFolder>;
beforeAll(async () => {
  folder = projectFolder(WRITER_CONFIG);
  expect(await run('run', '--quiet')).toMatchObject({ exitCode: 0, stderr: '' });
});
afterAll(() => folder.remove());

const run = (...argv: string[]) => runCli(argv, new TestIo(folder.path));

/** A tokenizer that reads any file and knows one word. */
const PARROT = `import { defineTokenizer } from 'agentforge';
const parrot = { vocabularySize: 300, special: { pad: 0, bos: 0, eos: 0, unk: 0, mask: 0 },
  encode: () => [0], decode: (ids) => 'parrot'.repeat(ids.length), serialize: () => '{}' };
export default defineTokenizer({ name: 'parrot', create: () => ({ train: async () => parrot, load: () => parrot }) });
`;

interface Written {
  readonly promptTokens: number;
  readonly promptTokensSeen: number;
  readonly text: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly topK: number | null;
}
const write = async (...flags: string[]): Promise<Written> =>
  (
    await run('generate', 'writer', '--prompt', 'the cat', '--max-tokens', '12', '--json', ...flags)
  ).document<Written>();

describe('generate', () => {
  test('the same seed writes the same text, another one another', async () => {
    const [first, again, other] = [
      await write('--seed', '1'),
      await write('--seed', '1'),
      await write('--seed', '2'),
    ];
    expect(first.text.length).toBeGreaterThan(0);
    expect(again.text).toBe(first.text);
    expect(other.text).not.toBe(first.text);
  });

  test('greedy needs no seed', async () => {
    const greedy = await write('--greedy', '--seed', '1');
    expect(greedy.temperature).toBe(0);
    expect((await write('--greedy', '--seed', '2')).text).toBe(greedy.text);
    expect((await write('--top-k', '1', '--temperature', '1')).text).toBe(greedy.text);
  });

  test('streams the text alone when piped; the prompt stands before it on a terminal', async () => {
    const { text } = await write('--seed', '1');
    const flags = ['generate', 'writer', '--prompt', 'the cat', '--max-tokens', '12', '--seed', '1'];
    const piped = await run(...flags);
    expect(piped.stdout).toBe(`${text}\n`);
    const io = new TestIo(folder.path, { NO_COLOR: '1' });
    io.stdout.isTTY = true;
    const shown = await runCli(flags, io);
    expect(shown.stdout.startsWith('the cat')).toBe(true);
  });

  test('latest is the default; 0 for --top-k means all', async () => {
    const { exitCode } = await run('generate', '--max-tokens', '2');
    expect(exitCode).toBe(0);
    expect((await write('--top-k', '0')).topK).toBeNull();
  });

  test('counts the tokens that were chosen, whatever their text would make', async () => {
    for (const limit of [1, 3, 12]) {
      const { tokens } = await write('--seed', '1', '--max-tokens', String(limit));
      expect(tokens).toBe(limit);
    }
  });

  test('reads a model with its own tokenizer, whatever others the config lists', async () => {
    const { text } = await write('--seed', '1');
    writeFileSync(join(folder.path, 'parrot.ts'), PARROT);
    const again = await write('--seed', '1', '--set', 'plugins=["./parrot.ts"]');
    expect(again.text).toBe(text);
  });

  test('takes the prompt from standard input or a file, without the newline at its end', async () => {
    const flags = ['generate', 'writer', '--seed', '1', '--max-tokens', '4', '--json'];
    const given = (await run(...flags, '--prompt', 'the cat')).document<Written & { prompt: string }>();
    const io = new TestIo(folder.path);
    io.stdin = Readable.from([Buffer.from('the c'), Buffer.from('at\n')]);
    const piped = (await runCli([...flags, '--prompt', '-'], io)).document<Written>();
    writeFileSync(join(folder.path, 'prompt.txt'), 'the cat\n');
    const fromFile = (await run(...flags, '--prompt-file', 'prompt.txt')).document<Written>();
    for (const document of [piped, fromFile]) {
      expect(document).toMatchObject({ prompt: 'the cat', text: given.text });
    }
  });

  test('refuses a prompt that cannot be read, and two of them', async () => {
    writeFileSync(join(folder.path, 'latin1.txt'), Buffer.from([0x63, 0xe9, 0x0a]));
    for (const flags of [
      ['--prompt-file', 'nowhere.txt'],
      ['--prompt-file', 'latin1.txt'],
      ['--prompt-file', 'latin1.txt', '--prompt', 'the'],
    ]) {
      const { exitCode, stderr } = await run('generate', 'writer', ...flags);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^error AF_USAGE /);
    }
  });

  test.each([
    ['a folder', () => '.'],
    [
      'a named pipe that nobody writes to',
      () => {
        execFileSync('mkfifo', [join(folder.path, 'pipe')]);
        return 'pipe';
      },
    ],
  ])('refuses %s as a prompt, and does not wait for it', async (_, file) => {
    const { exitCode, stderr } = await run('generate', 'writer', '--prompt-file', file());
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error AF_STORAGE_NOT_A_FILE /);
  });

  test('says so when the model cannot see all of a long prompt, and continues its end', async () => {
    const io = new TestIo(folder.path);
    io.stdin = Readable.from(['the cat sat on the mat '.repeat(2000)]);
    const flags = ['generate', 'writer', '--prompt', '-', '--max-tokens', '2', '--greedy', '--json'];
    const { exitCode, stderr, document } = await runCli(flags, io);
    expect(exitCode).toBe(0);
    const { promptTokens, promptTokensSeen } = document<Written>();
    expect(promptTokens).toBeGreaterThan(2000);
    expect(promptTokensSeen).toBe(64);
    expect(stderr).toMatch(
      /^warning The prompt is [\d,]+ tokens long; the model sees the last 64 of them\.\n$/,
    );
  });

  test('Ctrl-C stops it with 130 and what was written stays', async () => {
    const io = new TestIo(folder.path);
    io.stdout.onWrite = () => io.interrupt();
    const stopped = await runCli(['generate', '--prompt', 'the', '--max-tokens', '40', '--seed', '3'], io);
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stderr).toContain('Stopping after this token.');
    expect(stopped.stdout.length).toBeGreaterThan(1);
  });

  test('one flipped byte in the weights is found before anything is computed', async () => {
    const { files } = (await run('models', 'writer', '--json')).document<{
      files: { purpose: string; path: string }[];
    }>();
    const path = files.find((file) => file.purpose === 'weights')?.path ?? '';
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes, { flag: 'r+' });
    const { exitCode, stderr } = await run('generate', 'writer');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('AF_ARTIFACT_CORRUPT');
  });
});
