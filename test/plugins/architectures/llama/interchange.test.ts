import { ARCHITECTURE, type Architecture } from '../../../../core/contracts/architecture.js';
import { isForgeError } from '../../../../core/errors/index.js';
import { llama } from '../../../../plugins/architectures/llama/index.js';
import { completeHyperparameters, implementationOf } from '../../../../testing/index.js';
import { LLAMA_CASES, shared } from './cases.js';

/** A complete config.json; `changes` are laid over it, `undefined` leaves a key out. */
function configJson(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const written = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: 64,
    intermediate_size: 96,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    vocab_size: 100,
    ...changes,
  };
  return JSON.parse(JSON.stringify(written)) as Record<string, unknown>;
}

let architecture: Architecture;
beforeAll(async () => {
  architecture = await implementationOf(ARCHITECTURE, llama());
});

const read = (changes?: Record<string, unknown>) =>
  architecture.interchange!.fromConfigJson(configJson(changes), 'x/config.json');

test('what config.json leaves out is what transformers takes', () => {
  expect(read()).toEqual({
    vocabularySize: 100,
    contextLength: 2048,
    hiddenSize: 64,
    layers: 3,
    heads: 4,
    keyValueHeads: 4,
    headWidth: 16,
    ffn: 96,
    ropeTheta: 10000,
    normEpsilon: 1e-6,
    tiedHead: false,
    initializerStd: 0.02,
  });
});

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['the older place of theta', { rope_theta: 500000 }, { ropeTheta: 500000 }],
  [
    'the newer one',
    { rope_parameters: { rope_theta: 500000.5, rope_type: 'default' } },
    { ropeTheta: 500000.5 },
  ],
  ['no scaling', { rope_scaling: null }, { ropeTheta: 10000 }],
  ['grouped keys', { num_key_value_heads: 2 }, { keyValueHeads: 2 }],
  ['wide heads', { head_dim: 32 }, { headWidth: 32 }],
  ['a tied head', { tie_word_embeddings: true }, { tiedHead: true }],
  ['a sliding window that is not used', { sliding_window: 4096, use_sliding_window: false }, {}],
])('reads %s', (_, changes, expected) => {
  expect(read(changes)).toMatchObject(expected);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['linear scaling', { rope_scaling: { type: 'linear', factor: 2 } }, /rope_scaling\.type .*"linear"/],
  [
    'dynamic scaling',
    { rope_scaling: { rope_type: 'dynamic', factor: 2 } },
    /rope_scaling\.rope_type .*"dynamic"/,
  ],
  [
    'yarn',
    { rope_parameters: { rope_type: 'yarn', rope_theta: 1e6 } },
    /rope_parameters\.rope_type .*"yarn"/,
  ],
  ['llama3', { rope_scaling: { rope_type: 'llama3', factor: 8 } }, /"llama3"/],
  [
    'another activation',
    { hidden_act: 'gelu' },
    /hidden_act is not supported \(expected silu, found "gelu"\)/,
  ],
  ['biases of attention', { attention_bias: true }, /attention_bias/],
  ['biases of the blocks', { mlp_bias: true }, /mlp_bias/],
  ['a sliding window', { sliding_window: 4096 }, /sliding_window/],
  ['quantised weights', { quantization_config: { bits: 4 } }, /quantization_config/],
  ['a classifier', { architectures: ['LlamaForSequenceClassification'] }, /architectures/],
  ['rotary angles of a part of the head', { partial_rotary_factor: 0.5 }, /partial_rotary_factor/],
  ['no width', { hidden_size: undefined }, /hidden_size is missing/],
  ['half a layer', { num_hidden_layers: 1.5 }, /num_hidden_layers cannot be used/],
  ['an angle base of 1', { rope_theta: 1 }, /rope_theta cannot be used/],
  ['a word for a flag', { tie_word_embeddings: 'yes' }, /tie_word_embeddings/],
  ['heads that do not divide the width', { num_attention_heads: 5 }, /hiddenSize/],
])('refuses %s by name', (_, changes, message) => {
  const refused = thrown(() => read(changes));
  expect(isForgeError(refused, 'AF_MODEL_CONFIG')).toBe(true);
  const { message: text, problems } = refused as { message: string; problems: { at: string }[] };
  expect(`${text} ${problems.map(({ at }) => at).join()}`).toMatch(message);
});

test('names everything that is wrong at once', () => {
  const refused = thrown(() => read({ hidden_act: 'relu', mlp_bias: true, vocab_size: -1 }));
  expect((refused as { problems: { at: string; source: string }[] }).problems).toMatchObject([
    { at: 'vocab_size', source: 'x/config.json' },
    { at: 'hidden_act' },
    { at: 'mlp_bias' },
  ]);
});

test('recognises its own folders and no others', () => {
  const recognises = (json: Record<string, unknown>) => architecture.interchange!.recognises(json);
  expect(recognises(configJson())).toBe(true);
  expect(recognises({ architectures: ['LlamaForCausalLM'] })).toBe(true);
  expect(recognises({ model_type: 'mistral', architectures: ['MistralForCausalLM'] })).toBe(false);
  expect(recognises({ architecture: 'titans-mag', hyperparameters: {} })).toBe(false);
});

test('every size is a config, written and read back', async () => {
  for (const size of Object.values(architecture.sizes!)) {
    const config = await completeHyperparameters(architecture, size);
    const written = architecture.interchange!.toConfigJson(config);
    expect(architecture.interchange!.recognises(written)).toBe(true);
    const back = architecture.interchange!.fromConfigJson(written, 'config.json');
    expect(architecture.describe(back)).toEqual(architecture.describe(config));
    expect(architecture.interchange!.toConfigJson(back)).toEqual(written);
  }
});

shared.describe.each(LLAMA_CASES)('config.json of $name', ({ read: readCase }) => {
  test('is written with the same meaning', async () => {
    const { config } = await readCase();
    const written = architecture.interchange!.toConfigJson(config);
    expect(architecture.interchange!.fromConfigJson(written, 'config.json')).toEqual(config);
  });
});

function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
