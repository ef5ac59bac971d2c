import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineEvaluator, loadModel, openProject, type ForgeConfig, type Project } from 'agentforge';
import { openModel, openStartingModel, requirePlain } from 'agentforge/phases';
import { looksAhead } from '../../examples/third-party-evaluator/looks-ahead.js';
import { loadValidator } from '../../core/validation/validator.js';
import { sourceOf } from '../../tools/generate/model-source.js';
import { readModel } from '../../tools/generate/open-generator.js';
import { runCli, temporaryFolder, TestIo } from '../support/cli.js';
import { quantisedForms, type QuantisedForms } from '../support/quantised-forms.js';
import { writerConfig } from '../support/writer-config.js';

const folder = temporaryFolder();
let project: Project;
let forms: QuantisedForms;
beforeAll(async () => {
  writeFileSync(join(folder.path, 'package.json'), '{}');
  writeFileSync(join(folder.path, 'agentforge.config.ts'), writerConfig(['thinker'], { thinks: true }));
  writeFileSync(join(folder.path, 'text.txt'), 'the cat sat on the mat and the dog sat too. '.repeat(8));
  project = await openProject({ cwd: folder.path });
  const { error } = await project.run();
  if (error !== null) throw error;
  forms = await quantisedForms(project.kernel, await project.model('thinker'));
});
afterAll(async () => {
  await project.dispose();
  folder.remove();
});

const at = (...path: string[]): string => join(folder.path, ...path);
const cli = (...argv: string[]) => runCli(argv, new TestIo(folder.path));
const copyOf = (from: string, to: string): string => {
  cpSync(at(from), at(to), { recursive: true });
  return to;
};

async function lossOf(model: string, of = project): Promise<number> {
  const { parts } = await of.evaluate(model, { texts: ['text.txt'] });
  const [part] = parts;
  if (part?.kind !== 'text') throw new Error('the first part is no text');
  return part.loss.value;
}

async function withConfig<T>(config: ForgeConfig, work: (other: Project) => Promise<T>): Promise<T> {
  const other = await openProject({ cwd: folder.path, config });
  try {
    return await work(other);
  } finally {
    await other.dispose();
  }
}

describe('a packed model computes', () => {
  test('with its codes: no float of a matrix in codes is in memory', async () => {
    const model = await project.model('thinker-packed');
    const read = await readModel(project.kernel, await sourceOf({ kind: 'registry', model }, project.kernel));
    const names = Object.keys(read.weights);
    const inCodes = Object.keys(model.config.quantization!.formats);
    expect(inCodes.length).toBeGreaterThan(2);
    expect(names.filter((name) => inCodes.includes(name))).toEqual([]);
    expect(names).toEqual(read.architecture.describe(read.config).map(({ name }) => name));
    expect(names).toHaveLength(Object.keys(forms.weights).length - inCodes.length);
  });

  test('what its floats compute; latents compute the same, and the model before something else', async () => {
    const floats = await lossOf('thinker-floats');
    expect(Math.abs((await lossOf('thinker-latent')) - floats)).toBeLessThan(1e-4);
    // Its kernel rounds inputs in blocks, not by token.
    expect(Math.abs((await lossOf('thinker-packed')) - floats)).toBeLessThan(5e-3);
    expect(Math.abs((await lossOf('thinker')) - floats)).toBeGreaterThan(5e-3);
  });

  test('on another engine, which multiplies with what the codes stand for', () =>
    withConfig({ engine: 'tfjs' }, async (other) => {
      const [packed, floats] = [await lossOf('thinker-packed', other), await lossOf('thinker-floats', other)];
      expect(Math.abs(packed - floats)).toBeLessThan(1e-5);
    }));

  test('text, with thoughts where it is asked to think', async () => {
    const model = await loadModel('thinker-packed', { cwd: folder.path });
    try {
      const options = { maxTokens: 12, seed: 3 };
      const text = await model.complete('the cat', options);
      expect(text).toMatchObject({ tokens: 12, thoughts: null });
      expect(model.config.quantization?.weights).toBe('applied');
      const { thoughts } = await model.complete('the cat', { ...options, thoughts: true });
      expect(thoughts!.written.length).toBeGreaterThan(1);
    } finally {
      await model.dispose();
    }
  });
});

describe('evaluators', () => {
  const ask = (name: string, readsQuantised?: true) =>
    defineEvaluator({
      name,
      create: () => ({
        lowerIsBetter: false,
        ...(readsQuantised && { readsQuantised }),
        evaluate: async ({ weights }) => ({ score: Object.keys(weights).length }),
      }),
    })();

  test('of a quantised model those are asked that say they read it, and get floats', () =>
    withConfig({ plugins: [ask('plain'), ask('knowing', true), looksAhead()] }, async (other) => {
      const { parts } = await other.evaluate('thinker-packed');
      expect(parts).toMatchObject([
        { name: 'plain', score: null, reason: 'it does not say that it reads quantised models' },
        { name: 'knowing', score: Object.keys(forms.weights).length },
        { name: 'looks-ahead' },
      ]);
      expect((parts[2] as { score: number }).score).toBeLessThan(1e-4);
      const before = await other.evaluate('thinker');
      expect(before.parts[0]).toMatchObject({ name: 'plain', score: expect.any(Number) as number });
    }));
});

describe('in a folder', () => {
  beforeAll(async () => {
    await project.exportModel('thinker-packed', { output: 'packed' });
  });

  test('it is written whole, and its card says that other programs would misread it', async () => {
    expect(readdirSync(at('packed')).sort()).toEqual([
      ...['README.md', 'config.json', 'metadata.json', 'model.packed', 'tokenizer.json'],
      'tokenizer_config.json',
    ]);
    expect(JSON.parse(readFileSync(at('packed/config.json'), 'utf8'))).toEqual(forms.packed.config);
    const card = readFileSync(at('packed/README.md'), 'utf8');
    expect(card).toContain(`\`model.packed\`, ${forms.packed.weights.bytes} bytes`);
    expect(card).toContain('Other programs know none of this');
    for (const [name, words] of [
      ['latent', 'are latents'],
      ['floats', 'nothing is to be applied again'],
    ] as const) {
      await project.exportModel(`thinker-${name}`, { output: name });
      expect(readFileSync(at(name, 'README.md'), 'utf8')).toContain(words);
      expect(readdirSync(at(name))).toContain('model.safetensors');
    }
    await project.exportModel('thinker', { output: 'plain' });
    expect(readFileSync(at('plain/README.md'), 'utf8')).not.toContain('Quantisation');
  });

  test('it writes what the model of the registry writes, and is copied', async () => {
    const flags = ['--prompt', 'the cat', '--max-tokens', '8', '--seed', '1'];
    const byName = await cli('generate', 'thinker-packed', ...flags);
    expect(byName.exitCode).toBe(0);
    expect((await cli('generate', './packed', ...flags)).stdout).toBe(byName.stdout);
    await project.exportModel('./packed', { output: 'copy' });
    expect(readFileSync(at('copy/model.packed')).equals(readFileSync(at('packed/model.packed')))).toBe(true);
  });

  test('the command shows how it is quantised', async () => {
    const { stdout } = await cli('models', 'thinker-packed');
    expect(stdout).toMatch(/^quantisation\n {2}weights +applied\n {2}activations +int8\n {2}formats +/m);
    expect((await cli('models', 'thinker')).stdout).not.toContain('quantisation');
  });

  /** A copy with a changed byte; without metadata its own checksums are what notices. */
  function damaged(to: string, leftOut: string): string {
    cpSync(at('packed'), at(to), { recursive: true, filter: (path) => !path.endsWith(leftOut) });
    const bytes = readFileSync(at(to, 'model.packed'));
    bytes[bytes.length - 50]! ^= 1;
    writeFileSync(at(to, 'model.packed'), bytes);
    return `./${to}`;
  }

  test('a byte that changed is noticed, by the hash of its metadata or by its checksums', async () => {
    await expect(loadModel(damaged('hash', 'README.md'), { cwd: folder.path })).rejects.toMatchObject({
      code: 'AF_ARTIFACT_CORRUPT',
    });
    const reference = damaged('crc', 'metadata.json');
    await expect(loadModel(reference, { cwd: folder.path })).rejects.toMatchObject({
      ...{ code: 'AF_PACKED_FORMAT', message: expect.stringContaining('do not match their checksum') },
    });
    await expect(project.exportModel(reference, { output: 'never' })).rejects.toMatchObject({
      code: 'AF_PACKED_FORMAT',
    });
  });

  test('a config of another model is refused, and so are two kinds of weights', async () => {
    copyOf('packed', 'other');
    const config = JSON.parse(readFileSync(at('other/config.json'), 'utf8')) as typeof forms.packed.config;
    const hyperparameters = { ...config.hyperparameters, ropeTheta: 20_000 };
    writeFileSync(at('other/config.json'), JSON.stringify({ ...config, hyperparameters }));
    await expect(loadModel('./other', { cwd: folder.path })).rejects.toMatchObject({
      code: 'AF_MODEL_TENSORS',
      message: expect.stringContaining('do not agree on hyperparameters'),
    });
    copyOf('packed', 'both');
    writeFileSync(at('both/model.safetensors'), '');
    await expect(loadModel('./both', { cwd: folder.path })).rejects.toMatchObject({
      ...{ code: 'AF_MODEL_FOLDER', message: expect.stringContaining('only one can be its weights') },
    });
  });
});

test('a compressor that is not there is named', async () => {
  const { artifacts } = await project.kernel.storage();
  const { config } = forms.packed;
  const formats = { ...config.quantization!.formats };
  const [first] = Object.keys(formats);
  formats[first!] = { use: 'signs' };
  const lacking = { ...forms.packed, id: 'lacking', name: 'lacking' };
  const weights = await artifacts.read(forms.packed.weights);
  const ref = {
    ...{ ...lacking, config: { ...config, quantization: { ...config.quantization!, formats } } },
    weights: await artifacts.put('model.packed', weights),
    metadata: { ...lacking.metadata, model_id: 'lacking', model_name: 'lacking' },
  };
  await (await project.kernel.registry()).registerModel(ref);
  await expect(project.loadModel('lacking')).rejects.toMatchObject({
    ...{ code: 'AF_PLUGIN_UNKNOWN', message: expect.stringContaining('signs') },
  });
});

describe('merging', () => {
  const merge = (models: string[], output: string) => project.merge({ method: 'linear', models }, { output });

  test('packed and applied weights are refused before they are read, with what to merge instead', async () => {
    await project.exportModel('thinker-floats', { output: 'applied' });
    for (const model of ['thinker-packed', './packed', 'thinker-floats', './applied'])
      await expect(merge([model, 'thinker'], 'never')).rejects.toMatchObject({
        code: 'AF_MERGE_CHECKPOINTS',
        problems: [{ at: model, fix: expect.stringContaining('Merge the latents') }],
      });
  });

  test('latents are merged with latents of the same quantization, and with nothing else', async () => {
    await merge(['thinker-latent', 'thinker-latent'], 'merged');
    const merged = await loadModel('./merged', { cwd: folder.path });
    expect(merged.config).toEqual(forms.latent.config);
    await merged.dispose();
    expect(await lossOf('./merged')).toBeCloseTo(await lossOf('thinker-latent'), 5);
    await expect(merge(['thinker-latent', 'thinker'], 'never')).rejects.toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({ message: 'its quantization is not that of thinker-latent' }),
      ]) as unknown,
    });
  });

  test('layers of latents are not stacked', async () => {
    const slice = { sources: [{ model: 'thinker-latent', layer_range: [0, 1] }] };
    const recipe = { merge_method: 'passthrough', slices: [slice, slice] };
    writeFileSync(at('stack.yaml'), JSON.stringify(recipe));
    await expect(project.merge('stack.yaml', { output: 'never' })).rejects.toMatchObject({
      problems: [{ message: expect.stringContaining('cannot be stacked') }],
    });
  });
});

describe('phases', () => {
  async function context() {
    const { artifacts } = await project.kernel.storage();
    const validator = await loadValidator();
    return {
      resolve: project.kernel.resolve.bind(project.kernel),
      names: project.kernel.names.bind(project.kernel),
      validate: (schema: object, value: unknown, where: string) => {
        expect(validator.validate(schema, value, { at: where, fillDefaults: true })).toEqual([]);
        return value;
      },
      store: artifacts,
    };
  }

  test('the kit opens a packed model as floats that nothing is applied to again', async () => {
    const opened = await openModel(await context(), forms.packed);
    expect(opened.weights).toEqual(forms.weights);
    expect(Object.keys(opened.weights)).toEqual(opened.tensors.map(({ name }) => name));
    expect(opened.config.quantization?.weights).toBe('applied');
    expect((await openModel(await context(), forms.floats)).weights).toEqual(forms.weights);
  });

  test('a record of another model is refused', async () => {
    const { config } = forms.packed;
    const quantization = { ...config.quantization!, activations: 'float' as const };
    const wrong = { ...forms.packed, config: { ...config, quantization } };
    await expect(openModel(await context(), wrong)).rejects.toMatchObject({
      code: 'AF_MODEL_TENSORS',
      facts: { differ: ['quantization'] },
    });
  });

  test('a phase that changes plain floats says that a model is quantised', () => {
    expect(() => requirePlain(forms.latent, 'trains')).toThrow(
      expect.objectContaining({
        code: 'AF_HANDOFF_INVALID',
        message: expect.stringContaining(
          'quantised (latent weights); this phase trains plain float',
        ) as string,
      }),
    );
  });

  test.each(['packed', 'latent', 'floats'])('no phase starts from a folder with %s weights', async (form) => {
    await project.exportModel(`thinker-${form}`, { output: `from-${form}` });
    await expect(openStartingModel(await context(), at(`from-${form}`), {}, 'model')).rejects.toMatchObject({
      ...{ code: 'AF_MODEL_CONFIG', at: at(`from-${form}`) },
      fix: expect.stringContaining('thinker_session'),
    });
  });
});
