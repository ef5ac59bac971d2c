import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  defineDataset,
  openProject,
  type AccuracyPart,
  type EvaluateOptions,
  type EvaluationPart,
  type EvaluationReport,
  type LossPart,
  type Project,
  type TextPart,
} from 'agentforge';
import { byteTokens, knownOdds, writeKnownOdds, type KnownOdds } from '../../support/known-odds.js';
import { temporaryFolder } from '../../support/cli.js';

/** Ten questions; 'a' answers eight of them. */
const letters = defineDataset({
  name: 'letters',
  create: () => ({
    category: 'qa',
    synthetic: true,
    load: () =>
      Promise.resolve(
        Array.from({ length: 10 }, (_, i) => {
          const [input, output] = [`${i}?`, i < 8 ? 'a' : 'b'];
          return { text: input + output, input, output };
        }),
      ),
    grade: ({ output }, answer) => answer === output,
  }),
});

/** Texts without a question, one of them longer than any context here. */
const words = defineDataset({
  name: 'words',
  create: () => ({
    category: 'language',
    synthetic: true,
    load: () => Promise.resolve(['aaaa', 'bb', 'a'.repeat(100)].map((text) => ({ text }))),
  }),
});

let folder: ReturnType<typeof temporaryFolder>;
let project: Project;
beforeAll(async () => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, 'package.json'), '{}');
  const plugins = [knownOdds(), byteTokens(), letters(), words()];
  project = await openProject({ cwd: folder.path, config: { seed: 1, plugins } });
});
afterAll(async () => {
  await project.dispose();
  folder.remove();
});

/** Write a text into a file and give its name. */
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder.path, name), content);
  return name;
}

async function evaluated(model: KnownOdds, options: EvaluateOptions): Promise<EvaluationReport> {
  writeKnownOdds(join(folder.path, 'model'), model);
  return project.evaluate('./model', { atStep: 1, ...options });
}

async function only<P extends EvaluationPart>(
  kind: P['kind'],
  model: KnownOdds,
  options: EvaluateOptions,
): Promise<P> {
  const found = (await evaluated(model, options)).parts.filter((part) => part.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] as P;
}

const textOf = (model: KnownOdds, options: EvaluateOptions) => only<TextPart>('text', model, options);

describe('a text', () => {
  test('8 bits for every byte where all 256 are equally likely', async () => {
    const text = 'Any text at all: \u00e9\u4e16\u{1f600} '.repeat(20);
    const part = await textOf({}, { texts: [file('any.txt', text)] });
    expect(part.bitsPerByte!.value).toBeCloseTo(8, 5);
    expect(part.loss.value).toBeCloseTo(Math.log(256), 5);
    expect(part.perplexity.value).toBeCloseTo(256, 2);
    const bytes = Buffer.byteLength(text);
    expect(part).toMatchObject({ bytes, tokens: bytes, characters: [...text].length, lossless: true });
    expect(part.natsPerCharacter!.value).toBeCloseTo((Math.log(256) * bytes) / [...text].length, 4);
  });

  test('one bit where a byte has odds of 255 to 255; two at a step where they are 85 to 255', async () => {
    const texts = [file('a.txt', 'a'.repeat(50))];
    const model = { odds: { a: 255 }, later: { a: 85 } };
    expect((await textOf(model, { texts })).bitsPerByte!.value).toBeCloseTo(1, 5);
    // The last step answers where none is asked for.
    for (const atStep of [2, undefined])
      expect((await textOf(model, { texts, atStep })).bitsPerByte!.value).toBeCloseTo(2, 5);
  });

  test('the interval is over windows: 16 tokens, then 8 by 8', async () => {
    // Windows of 17 ids, 8 apart: bytes 0..15, 16..23, 24..31. One bit for each a, log2 510 for each b.
    const text = `${'a'.repeat(16)}${'b'.repeat(8)}${'a'.repeat(8)}`;
    const options = { texts: [file('ab.txt', text)], context: 17, stride: 8 };
    const part = await textOf({ odds: { a: 255 } }, options);
    expect(part).toMatchObject({ windows: 3, tokens: 32 });
    // p(a) = 255/510, p(b) = 1/510.
    const rare = Math.log2(510);
    const mean = (24 + 8 * rare) / 32;
    expect(part.bitsPerByte!.value).toBeCloseTo(mean, 4);
    const residuals = [16 - 16 * mean, 8 * rare - 8 * mean, 8 - 8 * mean];
    const squares = residuals.reduce((sum, e) => sum + e * e, 0);
    // t(2) = 4.302653.
    expect(part.bitsPerByte!.high! - mean).toBeCloseTo((4.302653 * Math.sqrt(1.5 * squares)) / 32, 3);
  });

  test('one window has no interval', async () => {
    const part = await textOf({}, { texts: [file('short.txt', 'x'.repeat(16))] });
    expect(part).toMatchObject({ windows: 1, bitsPerByte: { low: null, high: null } });
  });

  test('a tokenizer that loses something is told', async () => {
    const texts = [file('capitals.txt', 'Some Capital Letters Here')];
    const report = await evaluated({ lossy: true }, { texts });
    expect(report.parts[0]).toMatchObject({ kind: 'text', lossless: false });
    expect(report.warnings).toEqual([expect.stringContaining('does not give capitals.txt back')]);
  });

  test.each([
    ['nothing.txt', null, /There is no file nothing\.txt/],
    ['empty.txt', '', /is empty/],
    ['tiny.txt', 'only a few', /too short .*: 10 tokens/],
    ['binary.dat', new Uint8Array([1, 2, 0, 4]), /binary/],
    ['latin1.txt', new Uint8Array([0x63, 0x61, 0x66, 0xe9, 0x0a]), /not UTF-8/],
  ])('%s is refused before anything is measured', async (name, content, message) => {
    if (content !== null) file(name, content);
    const heard: unknown[] = [];
    const asked = evaluated({}, { datasets: ['words'], texts: [name], onProgress: (p) => heard.push(p) });
    await expect(asked).rejects.toMatchObject({
      ...{ code: 'AF_EVALUATE_TEXT', exitCode: 2, message: expect.stringMatching(message) },
    });
    expect(heard).toEqual([]);
  });

  test('a folder is no text', async () => {
    mkdirSync(join(folder.path, 'below'), { recursive: true });
    await expect(evaluated({}, { texts: ['below'] })).rejects.toMatchObject({
      ...{ code: 'AF_STORAGE_NOT_A_FILE', exitCode: 2 },
    });
  });
});

describe('a dataset', () => {
  test('loss over its documents, long ones in windows; nobody knows whether it was trained on', async () => {
    const part = await only<LossPart>('loss', { odds: { a: 255 } }, { datasets: ['words'], items: 0 });
    expect(part).toMatchObject({
      name: 'words',
      standing: 'unknown',
      documents: 3,
      available: 3,
      tokens: 106,
    });
    const bits = 104 + 2 * Math.log2(510);
    expect(part.loss!.value).toBeCloseTo((bits * Math.LN2) / 106, 5);
    expect(part.bitsPerByte!.value).toBeCloseTo(bits / 106, 5);
    const mean = bits / 106;
    const residuals = [4 - 4 * mean, 2 * Math.log2(510) - 2 * mean, 100 - 100 * mean];
    const squares = residuals.reduce((sum, e) => sum + e * e, 0);
    expect(part.bitsPerByte!.high! - mean).toBeCloseTo((4.302653 * Math.sqrt(1.5 * squares)) / 106, 3);
    expect(part.perplexity!.high).toBeCloseTo(Math.exp(part.loss!.high!), 5);
  });

  test('of questions the answers count: eight of one bit, two of log2 510', async () => {
    const part = await only<LossPart>('loss', { odds: { a: 255 } }, { datasets: ['letters'], items: 0 });
    expect(part).toMatchObject({ documents: 10, tokens: 10 });
    expect(part.bitsPerByte!.value).toBeCloseTo((8 + 2 * Math.log2(510)) / 10, 5);
  });

  test('fewer documents are a part of them, always the same', async () => {
    const ask = () => only<LossPart>('loss', {}, { datasets: ['words'], documents: 2, items: 0 });
    const part = await ask();
    expect(part).toMatchObject({ documents: 2, available: 3 });
    expect(await ask()).toEqual(part);
  });

  test('8 of 10 right answers, 0.4902 to 0.9433', async () => {
    const options = { datasets: ['letters'], documents: 0, maxTokens: 1 };
    const part = await only<AccuracyPart>('accuracy', { odds: { a: 9 } }, options);
    expect(part).toMatchObject({
      asked: 10,
      right: 8,
      unfit: 0,
      cut: 10,
      available: 10,
      standing: 'unknown',
    });
    expect(part.accuracy!.value).toBe(0.8);
    expect(part.accuracy!.low).toBeCloseTo(0.4902, 4);
    expect(part.accuracy!.high).toBeCloseTo(0.9433, 4);
  });

  test('questions that do not fit the context are no wrong answers', async () => {
    // Four ids: the start, two of the question, and one of the answer; two do not fit.
    const model = { odds: { a: 9 }, contextLength: 4 };
    const ask = (maxTokens: number) =>
      only<AccuracyPart>('accuracy', model, { datasets: ['letters'], documents: 0, maxTokens });
    expect(await ask(1)).toMatchObject({ asked: 10, right: 8, unfit: 0 });
    expect(await ask(2)).toMatchObject({
      ...{ asked: 0, right: 0, unfit: 10, accuracy: null, reason: expect.stringContaining('fits') },
    });
  });

  test('the step that is asked for answers', async () => {
    const model = { odds: { a: 9 }, later: { b: 9 } };
    const options = { datasets: ['letters'], documents: 0, maxTokens: 1 };
    for (const [atStep, right] of [
      [1, 8],
      [2, 2],
      [undefined, 2],
    ] as const)
      expect(await only<AccuracyPart>('accuracy', model, { ...options, atStep })).toMatchObject({ right });
  });

  test('a dataset without questions is not asked', async () => {
    const { parts } = await evaluated({}, { datasets: ['words'] });
    expect(parts.map(({ kind }) => kind)).toEqual(['loss']);
  });
});

describe('what cannot be measured', () => {
  test.each([
    [{ atStep: 3 }, 'atStep'],
    [{ context: 33 }, 'context'],
    [{ stride: 17 }, 'stride'],
    [{ maxTokens: 32 }, 'maxTokens'],
    [{ items: -1 }, 'items'],
    [{ documents: 0.5 }, 'documents'],
    [{ datasets: 'words' as never }, 'datasets'],
    [{ atSteps: 1 } as never, 'atSteps'],
  ])('%j is refused', async (options: EvaluateOptions, at) => {
    await expect(evaluated({}, options)).rejects.toMatchObject({
      ...{ code: 'AF_EVALUATE_OPTIONS', exitCode: 2, problems: [expect.objectContaining({ at })] },
    });
  });

  test('nothing at all', async () => {
    await expect(evaluated({}, {})).rejects.toMatchObject({
      ...{ code: 'AF_EVALUATE_OPTIONS', fix: expect.stringContaining('--datasets') },
    });
  });

  test('a dataset that is not there', async () => {
    await expect(evaluated({}, { datasets: ['wordz'] })).rejects.toMatchObject({
      ...{ code: 'AF_PLUGIN_UNKNOWN', fix: expect.stringContaining('words') },
    });
  });
});

test('a signal ends it; what was measured until then is there', async () => {
  const stop = new AbortController();
  const report = await evaluated(
    {},
    {
      datasets: ['words', 'letters'],
      signal: stop.signal,
      onProgress: ({ task, done }) => task === 'loss of letters' && done === 0 && stop.abort(),
    },
  );
  expect(report.complete).toBe(false);
  expect(report.parts.map(({ name }) => name)).toEqual(['words']);
});
