import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, temporaryFolder, TestIo } from '../support/cli.js';
import { WRITER_CONFIG } from '../support/writer-config.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, 'package.json'), '{}');
  writeFileSync(join(folder.path, 'agentforge.config.ts'), WRITER_CONFIG);
  expect(await run('run', '--quiet')).toMatchObject({ exitCode: 0, stderr: '' });
});
afterAll(() => folder.remove());

const run = (...argv: string[]) => runCli(argv, new TestIo(folder.path));

interface Written {
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
