import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import { openProject, type Project } from 'agentforge';
import { runCli, TestIo } from '../support/cli.js';
import { writtenProject } from '../support/written-project.js';

let made: Awaited<ReturnType<typeof writtenProject>>;
let project: Project;
beforeAll(async () => {
  made = await writtenProject('reasoning', 'memory');
  project = await openProject({ cwd: made.path });
});
afterAll(async () => {
  await project.dispose();
  made.remove();
});

const read = (...path: string[]): Buffer => readFileSync(join(made.path, ...path));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const cli = (...argv: string[]) => runCli(argv, new TestIo(made.path));

test('writes everything the model is, and says the hashes of what lies there', async () => {
  const report = await project.exportModel('reasoning', { output: 'out' });
  const model = await project.model('reasoning');
  expect(report).toMatchObject({ model: model.id, folder: join(made.path, 'out') });
  expect(report.files.map(({ file }) => file)).toEqual(readdirSync(report.folder).sort());
  expect(report.files.map(({ file }) => file)).toEqual([
    ...['README.md', 'config.json', 'metadata.json', 'model.safetensors', 'tokenizer.json'],
    'tokenizer_config.json',
  ]);
  for (const { file, bytes, sha256: hash } of report.files) {
    expect(read('out', file)).toHaveLength(bytes);
    expect(sha256(read('out', file))).toBe(hash);
  }
  expect(sha256(read('out', 'model.safetensors'))).toBe(model.weights.sha256);
  expect(JSON.parse(read('out', 'config.json').toString())).toEqual(model.config);
  expect(JSON.parse(read('out', 'metadata.json').toString())).toEqual(model.metadata);
});

test('the card says what was recorded', async () => {
  const model = await project.model('reasoning');
  const card = read('out', 'README.md').toString();
  for (const fact of [
    model.id,
    model.weights.sha256,
    model.tokenizer!.sha256,
    String(model.weights.bytes),
    made.session,
  ])
    expect(card).toContain(fact);
  expect(card).not.toContain('## Measured'); // nothing was
});

test('other programs read the tokenizer, its special tokens and the longest text', () => {
  const [json, config] = ['tokenizer.json', 'tokenizer_config.json'].map(
    (file) => JSON.parse(read('out', file).toString()) as Record<string, unknown>,
  );
  expect(config).toMatchObject({ eos_token: '<eos>', bos_token: '<bos>', model_max_length: 64 });
  const other = new ReferenceTokenizer(json!, config!);
  expect(other.decode(other.encode('the cat sat').ids)).toBe('the cat sat');
});

test('what is there is kept unless forced; something else than a model is never replaced', async () => {
  await expect(project.exportModel('memory', { output: 'out' })).rejects.toMatchObject({
    ...{ code: 'AF_EXPORT_OUTPUT', exitCode: 2, fix: expect.stringContaining('--force') },
  });
  await project.exportModel('memory', { output: 'out', force: true });
  expect(sha256(read('out', 'model.safetensors'))).toBe((await project.model('memory')).weights.sha256);
  mkdirSync(join(made.path, 'letters'));
  writeFileSync(join(made.path, 'letters', 'dear.txt'), 'me');
  writeFileSync(join(made.path, 'file'), '');
  for (const output of ['letters', 'file', '.agentforge'])
    await expect(project.exportModel('memory', { output, force: true })).rejects.toMatchObject({
      code: 'AF_EXPORT_OUTPUT',
    });
  expect(readdirSync(join(made.path, 'letters'))).toEqual(['dear.txt']);
  await expect(project.exportModel('./out', { output: 'out', force: true })).rejects.toMatchObject({
    ...{ code: 'AF_EXPORT_OUTPUT', message: 'The output folder is one that is read from.' },
  });
});

test('a model that lies in a folder is copied bit by bit with its side files, and nothing else of the folder', async () => {
  writeFileSync(join(made.path, 'out', 'notes.txt'), 'me');
  mkdirSync(join(made.path, 'out', 'sidecars', 'split'), { recursive: true });
  writeFileSync(join(made.path, 'out', 'sidecars', 'split', 'split.json'), '{}');
  const report = await project.exportModel('./out', { output: 'copy' });
  expect(report.model).toBe((await project.model('memory')).id);
  expect(readdirSync(report.folder).sort()).toEqual([
    ...['config.json', 'metadata.json', 'model.safetensors', 'sidecars', 'tokenizer.json'],
    'tokenizer_config.json',
  ]);
  expect(report.files.map(({ file }) => file)).toContain('sidecars/split/split.json');
  for (const { file } of report.files) expect(read('copy', file).equals(read('out', file))).toBe(true);
});

test('the command: table, --json, errors', async () => {
  const shown = await cli('export', 'reasoning', '--output', 'shown');
  expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
  expect(shown.stdout).toMatch(/^exported +reasoning_session_/m);
  expect(shown.stdout).toMatch(/^model\.safetensors .* sha256 [0-9a-f]{16}$/m);
  const again = await cli('export', 'reasoning', '-o', 'shown', '--json');
  expect(again.exitCode).toBe(2);
  expect(again.document()).toMatchObject({ ok: false, error: { code: 'AF_EXPORT_OUTPUT' } });
  const forced = await cli('export', `${made.session}:reasoning`, '-o', 'shown', '--json', '--force');
  expect(forced.document()).toMatchObject({ ok: true, folder: join(made.path, 'shown') });
  const unknown = await cli('export', 'reasonin', '-o', 'x');
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toContain('Did you mean reasoning?');
  expect((await cli('export', 'reasoning')).stderr).toContain("required option '-o, --output <folder>'");
  const flags = ['--max-tokens', '8', '--seed', '1', '--prompt', 'the cat'];
  const [byName, byFolder] = [
    await cli('generate', 'reasoning', ...flags),
    await cli('generate', './shown', ...flags),
  ];
  expect(byFolder.stdout.length).toBeGreaterThan(1);
  expect(byFolder).toMatchObject({ exitCode: 0, stdout: byName.stdout });
});

test('a stored file that is damaged is found, and nothing is left', async () => {
  const { weights } = await project.model('memory');
  const path = (await project.kernel.storage()).artifacts.path(weights);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes, { flag: 'r+' });
  const before = readdirSync(made.path);
  await expect(project.exportModel('memory', { output: 'damaged' })).rejects.toMatchObject({
    code: 'AF_ARTIFACT_CORRUPT',
  });
  await expect(
    project.merge({ method: 'linear', models: ['memory', 'reasoning'] }, { output: 'damaged' }),
  ).rejects.toMatchObject({ code: 'AF_MERGE_CHECKPOINTS', problems: [{ at: 'memory' }] });
  expect(readdirSync(made.path)).toEqual(before);
});
