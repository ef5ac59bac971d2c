import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunDocument } from '../../cli/report/run-document.js';
import { openModelTensors } from '../../storage/safetensors/index.js';
import { projectFolder, runCli, TestIo, type CliResult } from '../support/cli.js';
import { oracles } from '../support/oracles.js';

const checkpoint = oracles('mergekit', 'a');
const EXAMPLE = resolve(process.cwd(), 'examples/third-party-tokenizer/characters.ts');

/** The 28 characters that fit beside four special tokens into a vocabulary of 32. */
const ALPHABET = [...' abcdefghijklmnopqrstuvwxyz.'];

/** tokenizer.json of one id per character, as the example plugin reads it. */
function characterTokenizer(alphabet: readonly string[]): string {
  const special = ['<pad>', '<bos>', '<eos>', '<unk>'];
  const vocab = Object.fromEntries([...special, ...alphabet].map((token, id) => [token, id]));
  return JSON.stringify({
    version: '1.0',
    added_tokens: special.map((content, id) => ({ id, content, special: true })),
    model: { type: 'WordLevel', unk_token: '<unk>', vocab },
  });
}

/** A short run of cognate that goes on from ./a, with a tokenizer of characters. */
const CONFIG = `
import { defineConfig, defineDataset } from 'agentforge';
import { characters } from ${JSON.stringify(EXAMPLE)};

const letters = defineDataset({
  name: 'letters',
  create: () => ({
    category: 'language', synthetic: true,
    load: async () => Array.from({ length: 60 }, (_, i) => {
      const word = 'the fox jumps over a dog and '.slice(i % 7) + String.fromCharCode(97 + (i % 26));
      return { text: word + ' runs.' + 'x'.repeat(i % 11) };
    }),
  }),
});

export default defineConfig({
  seed: 7,
  plugins: [characters(), letters()],
  options: { onnxruntime: { threads: 1 } },
  pipeline: ['cognate'],
  phases: {
    cognate: {
      model: { from: './a' },
      optimizer: { use: 'adamw', options: { learningRate: 0.01 } },
      data: { datasets: ['letters'], evaluationRows: 4 },
      training: { rows: 2, length: 32, accumulation: 1, warmupSteps: 1, emaDecay: 0.5, evaluateEvery: 10, checkpointEvery: 10 },
      maxSteps: 20, trunkFraction: 0.5, fisherBatches: 2, probeRows: 2,
      sample: { prompt: 'the', maxTokens: 4, temperature: 0.7 },
    },
  },
});
`;

/** Stored bytes of every tensor of a folder, with its type. */
async function bytesOf(folder: string): Promise<Map<string, string>> {
  const tensors = await openModelTensors(folder);
  const found = new Map<string, string>();
  for (const name of tensors.names)
    found.set(
      name,
      `${tensors.entry(name).dtype} ${Buffer.from(await tensors.readRaw(name)).toString('base64')}`,
    );
  await tensors.close();
  return found;
}

checkpoint.describe('a Llama folder that the user brings', () => {
  let folder: ReturnType<typeof projectFolder>;
  beforeAll(() => {
    folder = projectFolder(CONFIG);
    cpSync(checkpoint.path(), path('a'), { recursive: true });
    writeFileSync(path('a', 'tokenizer.json'), characterTokenizer(ALPHABET));
  });
  afterAll(() => folder.remove());

  const path = (...parts: string[]): string => join(folder.path, ...parts);
  const cli = (...argv: string[]): Promise<CliResult> => runCli(argv, new TestIo(folder.path));
  const json = (...parts: string[]): Record<string, unknown> =>
    JSON.parse(readFileSync(path(...parts), 'utf8')) as Record<string, unknown>;

  test('writes text', async () => {
    const flags = ['--prompt', 'the fox', '--max-tokens', '12', '--seed', '1', '--json'];
    const { exitCode, stderr, document } = await cli('generate', './a', ...flags);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { promptTokens, tokens } = document<{ promptTokens: number; tokens: number }>();
    expect(promptTokens).toBe(8);
    // Untrained weights may end the text at any token.
    expect(tokens).toBeGreaterThan(0);
    expect(tokens).toBeLessThanOrEqual(12);
  });

  test('is trained by cognate, merged with what it was, and written back; unchanged tensors keep their bytes', async () => {
    const run = await cli('run', '--json');
    expect({ exitCode: run.exitCode, error: run.document<RunDocument>().error }).toEqual({
      exitCode: 0,
      error: null,
    });
    const before = await bytesOf(path('a'));

    const exported = await cli('export', 'reasoning', '-o', 'trained');
    expect(exported).toMatchObject({ exitCode: 0, stderr: '' });
    expect(json('trained', 'metadata.json')['attributes']).toMatchObject({
      starting_model: { name: 'a', model_id: null },
    });
    const after = await bytesOf(path('trained'));
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    const changed = [...before].filter(([name, bytes]) => after.get(name) !== bytes);
    expect(changed).toHaveLength(before.size);

    writeFileSync(
      path('stack.yml'),
      [
        'merge_method: passthrough',
        'slices:',
        '  - sources: [{ model: ./a, layer_range: [0, 1] }]',
        '  - sources: [{ model: reasoning, layer_range: [1, 2] }]',
      ].join('\n'),
    );
    expect(await cli('merge', 'stack.yml', '-o', 'merged')).toMatchObject({ exitCode: 0 });
    const merged = await bytesOf(path('merged'));
    const same = [...merged].filter(([name, bytes]) => before.get(name) === bytes).map(([name]) => name);
    const fromTrained = [...merged]
      .filter(([name, bytes]) => after.get(name) === bytes)
      .map(([name]) => name);
    expect(same.length + fromTrained.length).toBe(merged.size);
    expect(same.filter((name) => name.includes('.layers.0.'))).toHaveLength(9);
    expect(fromTrained.filter((name) => name.includes('.layers.1.'))).toHaveLength(9);

    for (const model of ['./trained', './merged', 'reasoning'])
      expect(await cli('generate', model, '--prompt', 'the', '--max-tokens', '4')).toMatchObject({
        exitCode: 0,
      });
    expect(await cli('export', './a', '-o', 'back')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await bytesOf(path('back'))).toEqual(before);
    expect(json('back', 'config.json')).toEqual(json('a', 'config.json'));
  });

  test('what is exported is a folder for transformers', () => {
    expect(readdirSync(path('trained')).sort()).toEqual([
      ...[
        'README.md',
        'config.json',
        'generation_config.json',
        'metadata.json',
        'model.safetensors',
        'sidecars',
      ],
      ...['tokenizer.json', 'tokenizer_config.json'],
    ]);
    const { num_key_value_heads: keyHeads, ...written } = json('a', 'config.json');
    expect(json('trained', 'config.json')).toMatchObject({
      ...{ ...written, num_key_value_heads: keyHeads },
      ...{ head_dim: 8, rope_theta: 10000, attention_bias: false, mlp_bias: false, pad_token_id: 0 },
    });
    expect(json('trained', 'generation_config.json')).toEqual({
      bos_token_id: 1,
      eos_token_id: 2,
      pad_token_id: 0,
    });
  });

  describe('refuses, with nothing written,', () => {
    /** A copy of ./a that is spoilt. */
    const spoilt = (name: string, spoil: (folder: string) => void): string => {
      cpSync(path('a'), path(name), { recursive: true });
      spoil(path(name));
      return `./${name}`;
    };
    const edit = (at: string, changes: Record<string, unknown>): void => {
      const config = JSON.parse(readFileSync(join(at, 'config.json'), 'utf8')) as object;
      writeFileSync(join(at, 'config.json'), JSON.stringify({ ...config, ...changes }));
    };

    test.each<[string, (at: string) => void, string, number, RegExp]>([
      [
        'unknown rotary angles',
        (at) => edit(at, { rope_scaling: { rope_type: 'longrope', factor: 4 } }),
        'AF_MODEL_CONFIG',
        2,
        /rope_scaling\.rope_type rotary angles of the kind "longrope" are not supported/,
      ],
      [
        'tensors of another shape',
        (at) => edit(at, { intermediate_size: 32 }),
        'AF_MODEL_TENSORS',
        1,
        /6 problems.*mlp\.gate_proj\.weight the tensor has another shape \(expected \[32, 16\], found \[24, 16\]\)/,
      ],
      [
        'missing tensors',
        (at) => edit(at, { num_hidden_layers: 3 }),
        'AF_MODEL_TENSORS',
        1,
        /9 problems.*model\.layers\.2\.input_layernorm\.weight the tensor is missing/,
      ],
      [
        'tensors too many',
        (at) => edit(at, { tie_word_embeddings: true }),
        'AF_MODEL_TENSORS',
        1,
        /lm_head\.weight the architecture has no such tensor/,
      ],
      [
        'a model of another type',
        (at) => edit(at, { model_type: 'mistral', architectures: ['MistralForCausalLM'] }),
        'AF_MODEL_FOLDER',
        1,
        /a mistral model in Hugging Face layout, which no architecture here reads/,
      ],
      [
        'a tokenizer with more ids than the embedding has rows',
        (at) => writeFileSync(join(at, 'tokenizer.json'), characterTokenizer([...ALPHABET, '!', '?'])),
        'AF_MODEL_TOKENIZER',
        2,
        /has 34 ids, and its embedding has 32 rows/,
      ],
      [
        'a tokenizer of another vocabulary',
        (at) => edit(at, { eos_token_id: 31, vocab_size: 32 }),
        'AF_MODEL_TOKENIZER',
        2,
        /The eos token .* has the id 31, and its tokenizer has 30 ids/,
      ],
      [
        'a sentencepiece tokenizer',
        (at) => {
          cpSync(join(at, 'tokenizer.json'), join(at, 'tokenizer.model'));
          writeFileSync(
            join(at, 'tokenizer.json'),
            '{"version":"1.0","model":{"type":"Unigram","vocab":[]}}',
          );
        },
        'AF_MODEL_TOKENIZER',
        2,
        /None of the tokenizers here can read that of/,
      ],
      [
        'missing shards',
        (at) => {
          const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
          writeFileSync(
            join(at, 'model.safetensors.index.json'),
            JSON.stringify({ weight_map: { 'model.norm.weight': shards[1], 'lm_head.weight': shards[0] } }),
          );
        },
        'AF_SAFETENSORS_FORMAT',
        1,
        /of its 2 shards "model-00001-of-00002\.safetensors", "model-00002-of-00002\.safetensors" are not there/,
      ],
    ])('%s', async (what, spoil, code, exitCode, message) => {
      const name = what.replaceAll(' ', '-');
      if (what.includes('another vocabulary'))
        writeFileSync(path('a', 'tokenizer.json'), characterTokenizer(ALPHABET.slice(2)));
      const reference = spoilt(name, spoil);
      writeFileSync(path('a', 'tokenizer.json'), characterTokenizer(ALPHABET));
      const before = readdirSync(folder.path);
      const generated = await cli('generate', reference, '--prompt', 'the', '--json');
      const { error } = generated.document<{ error: { code: string; message: string } }>();
      expect({ code: error.code, exitCode: generated.exitCode }).toEqual({ code, exitCode });
      expect(error.message).toMatch(message);

      const trained = await cli('run', '--json', '--set', `phases.cognate.model.from=${reference}`);
      expect(trained.exitCode).toBe(2);
      expect(trained.stdout).toContain('AF_PLAN_INVALID');

      if (code !== 'AF_MODEL_TOKENIZER') {
        const exported = await cli('export', reference, '-o', 'never', '--json');
        expect(exported.document<{ error: { code: string } }>().error.code).toBe(code);
      }
      expect(existsSync(path('never'))).toBe(false);
      expect(readdirSync(folder.path)).toEqual(before);
    });
  });
});
