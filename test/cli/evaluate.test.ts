import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openProject, type EvaluationPart, type EvaluationReport } from 'agentforge';
import { splitDatasets, splitDocument } from '../../nn/data/index.js';
import { tinyRecords } from '../../testing/index.js';
import { CHAMPION_SEED, championProject } from '../support/champion-project.js';
import { projectFolder, runCli, TestIo, type CliResult } from '../support/cli.js';

let folder: ReturnType<typeof projectFolder>;
beforeAll(async () => {
  folder = await championProject();
  writeFileSync(path('text.txt'), 'Question: what is 3 plus 4? Answer: 7 and more of that kind. '.repeat(8));
  const project = await openProject({ cwd: folder.path });
  await project.exportModel('champion', { output: 'out' });
  await project.dispose();
});
afterAll(() => folder.remove());

const path = (...names: string[]): string => join(folder.path, ...names);
const run = (...argv: string[]): Promise<CliResult> => runCli(['evaluate', ...argv], new TestIo(folder.path));

async function report(...argv: string[]): Promise<EvaluationReport & { readonly ok: boolean }> {
  const result = await run(...argv, '--json', '--max-tokens', '4');
  expect({ exitCode: result.exitCode, argv }).toEqual({ exitCode: 0, argv });
  return result.document<EvaluationReport & { readonly ok: boolean }>();
}

function partOf<K extends EvaluationPart['kind']>({ parts }: EvaluationReport, kind: K, name: string) {
  const part = parts.find((each) => each.kind === kind && each.name === name);
  if (part === undefined) throw new Error(`no part ${kind} ${name}`);
  return part as Extract<EvaluationPart, { kind: K }>;
}

/** Texts of the fixture's dataset that were locked, by the split that the fixture makes. */
function lockedTexts(): string[] {
  const [split] = splitDatasets([{ name: 'tiny', records: tinyRecords(256, CHAMPION_SEED) }], {
    heldoutFraction: 0.4,
  });
  const locked = new Set(splitDocument([split!]).locked);
  return split!.heldout.filter((_, i) => locked.has(split!.heldoutKeys[i]!)).map(({ text }) => text);
}

describe('a model that says what it was trained on', () => {
  test('is measured on what was locked, and on nothing else', async () => {
    const found = await report('champion');
    expect(found).toMatchObject({ ok: true, complete: true, warnings: [] });
    expect(found.parts.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['loss tiny', 'accuracy tiny']);
    const loss = partOf(found, 'loss', 'tiny');
    const { length } = lockedTexts();
    expect(length).toBeGreaterThan(5);
    expect(loss).toMatchObject({ standing: 'locked', documents: length, available: length });
    // It is untrained: about as good as chance over 300 tokens, ln 300 = 5.7.
    expect(loss.loss!.value).toBeGreaterThan(5);
    expect(loss.loss!.value).toBeLessThan(6.5);
    expect(loss.loss!.low).toBeLessThan(loss.loss!.value);
    expect(loss.perplexity!.value).toBeCloseTo(Math.exp(loss.loss!.value), 6);
    const accuracy = partOf(found, 'accuracy', 'tiny');
    expect(accuracy).toMatchObject({ standing: 'locked', right: 0, available: length });
    expect(accuracy.asked + accuracy.unfit).toBe(length);
    expect(accuracy.accuracy!.high).toBeGreaterThan(0);
  });

  test('in a folder gives the same numbers, and the same again', async () => {
    const [one, again, other] = [await report('champion'), await report('champion'), await report('./out')];
    expect(again).toEqual(one);
    expect(other.parts).toEqual(one.parts);
    expect(other.model).toMatchObject({ folder: path('out'), sha256: one.model.sha256 });
  });

  test('on other data: all of it but what repeats the training', async () => {
    const loss = partOf(await report('champion', '--datasets', 'more'), 'loss', 'more');
    expect(loss).toMatchObject({ standing: 'other', documents: 1, available: 1, loss: { low: null } });
  });

  test('at a step alone: others give another loss', async () => {
    const [first, second, last] = [
      await report('champion', '--at-step', '1', '--items', '4'),
      await report('champion', '--at-step', '2', '--items', '4'),
      await report('champion', '--items', '4'),
    ];
    expect(first.settings).toMatchObject({ lossStep: 1, answerStep: 1 });
    expect(last.settings).toMatchObject({ lossStep: 2, answerStep: null });
    const lossOf = (found: EvaluationReport) => partOf(found, 'loss', 'tiny').loss!.value;
    expect(lossOf(second)).toBeCloseTo(lossOf(last), 6);
    expect(Math.abs(lossOf(first) - lossOf(last))).toBeGreaterThan(1e-5);
  });

  test.each([
    ['gone', (copy: string) => rmSync(join(copy, 'sidecars'), { recursive: true }), /is not there/],
    [
      'changed',
      (copy: string) => writeFileSync(join(copy, 'sidecars', 'split', 'split.json'), '{}'),
      /is another one/,
    ],
  ])('a list of what was held out that is %s is told; a text needs none', async (name, change, message) => {
    cpSync(path('out'), path(name), { recursive: true });
    change(path(name));
    const { exitCode, stderr } = await run(`./${name}`);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(message) });
    const texts = await report(`./${name}`, '--no-datasets', '--text', 'text.txt');
    expect(partOf(texts, 'text', 'text.txt').bitsPerByte!.value).toBeGreaterThan(2);
  });

  test('whose dataset is not at hand: null, with the reason', async () => {
    const elsewhere = projectFolder('export default { options: { onnxruntime: { threads: 1 } } };');
    const away = (...argv: string[]) =>
      runCli(['evaluate', path('out'), ...argv], new TestIo(elsewhere.path));
    const found = await away('--json');
    expect(found.document<EvaluationReport>().parts).toEqual([
      expect.objectContaining({
        ...{ kind: 'loss', name: 'tiny', loss: null, documents: 0 },
        reason: expect.stringContaining('no dataset "tiny"'),
      }),
    ]);
    expect((await away()).stdout).toMatch(/^tiny: .*no dataset "tiny"/m);
    const asked = await away('--datasets', 'tiny');
    expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('AF_PLUGIN_UNKNOWN') });
    elsewhere.remove();
  });
});

describe('for people', () => {
  test('tables, what is known of the data, and plain lines of progress', async () => {
    const { exitCode, stdout, stderr } = await run('champion', '--text', 'text.txt', '--max-tokens', '4');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^evaluate loss of tiny {2}batch/m);
    expect(stdout).toMatch(/^ {2}dataset +documents +tokens +loss +95 % +perplexity +bits\/byte$/m);
    expect(stdout).toMatch(/^ {2}tiny +\d+ +\d+ +\d\.\d{3} +\d\.\d{3} to \d\.\d{3} +\d{3}\.\d{3} +\d/m);
    expect(stdout).toMatch(/^ {2}text\.txt +\d+ B +\d+ +\d\.\d{3} +\d\.\d{3} to \d\.\d{3}/m);
    expect(stdout).toMatch(/^ {2}tiny +0 +\d+ +0\.0 % +0\.0 % to \d/m);
    expect(stdout).toContain('tiny: held out of the training, and of every choice between models.');
    expect(stdout).toContain('Losses are of recursion step 2 of 2');
    expect(stdout).not.toContain('\x1b');
  });

  test('a model that says nothing of its data is told to, and --quiet shows no progress', async () => {
    cpSync(path('out'), path('bare'), { recursive: true });
    for (const name of ['metadata.json', 'sidecars']) rmSync(path('bare', name), { recursive: true });
    const { stdout } = await run(
      './bare',
      '--datasets',
      'tiny',
      '--documents',
      '5',
      '--items',
      '0',
      '--quiet',
    );
    expect(stdout).toMatch(/^model /);
    expect(stdout).toContain('nobody recorded what the model was trained on: it may have seen this');
    const nothing = await run('./bare');
    expect(nothing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nothing to measure') });
  });

  test('Ctrl-C leaves with 130 and what was measured', async () => {
    const io = new TestIo(folder.path);
    io.stderr.onWrite = (text: string) => /batch (\d+)\/\1 /.test(text) && io.interrupt();
    const stopped = await runCli(['evaluate', 'champion', '--json'], io);
    expect(stopped.exitCode).toBe(130);
    expect(stopped.document<EvaluationReport & { ok: boolean }>()).toMatchObject({
      ...{ ok: false, complete: false, parts: [{ kind: 'loss', name: 'tiny' }] },
    });
    expect(stopped.stderr).toContain('Stopping; what was measured so far is printed.');
    expect(io.listening).toBe(0);
  });
});
