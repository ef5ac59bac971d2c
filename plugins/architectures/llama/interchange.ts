import type { Interchange } from '../../../core/contracts/architecture.js';
import { problemsError, type Problem } from '../../../core/errors/index.js';
import { llamaConfig, type LlamaHyperparameters } from './config.js';

type ConfigJson = Readonly<Record<string, unknown>>;

const MODEL_TYPE = 'llama';
const CLASS = 'LlamaForCausalLM';

/** `config.json` of Hugging Face Llama folders, older and newer keys alike. */
export const interchange: Interchange = {
  recognises: ({ model_type: type, architectures }) =>
    type === MODEL_TYPE ||
    (type === undefined && Array.isArray(architectures) && architectures.includes(CLASS)),
  fromConfigJson,
  toConfigJson: (config) => toConfigJson(config),
};

function fromConfigJson(config: ConfigJson, at: string): ConfigJson {
  const reader = new SettingReader(config);
  const heads = reader.count('num_attention_heads');
  const read: LlamaHyperparameters = {
    vocabularySize: reader.count('vocab_size'),
    contextLength: reader.count('max_position_embeddings', 2048),
    hiddenSize: reader.count('hidden_size'),
    layers: reader.count('num_hidden_layers'),
    heads,
    keyValueHeads: reader.count('num_key_value_heads', heads),
    headWidth: reader.optionalCount('head_dim'),
    ffn: reader.count('intermediate_size'),
    ropeTheta: ropeTheta(config, reader),
    normEpsilon: reader.positive('rms_norm_eps', 1e-6),
    tiedHead: reader.flag('tie_word_embeddings', false),
    initializerStd: reader.positive('initializer_range', 0.02),
  };
  refuseUnsupported(config, reader);
  if (reader.problems.length === 0) return complete(read);
  throw problemsError(
    'AF_MODEL_CONFIG',
    'The Llama model',
    reader.problems.map((problem) => ({ ...problem, source: at })),
    'Only what is listed can be read; nothing of the model was loaded.',
  );
}

/** With the width of heads written out, which the folder may leave open. */
function complete(read: LlamaHyperparameters): ConfigJson {
  const { keyValueHeads, headWidth } = llamaConfig(read);
  return { ...read, keyValueHeads, headWidth };
}

/** Settings that change what the model computes, with the only value that is supported. */
function refuseUnsupported(config: ConfigJson, reader: SettingReader): void {
  reader.only('architectures', [[CLASS]], `["${CLASS}"]`);
  reader.only('hidden_act', ['silu', 'swish'], 'silu');
  reader.only('attention_bias', [false], 'false: attention without biases');
  reader.only('mlp_bias', [false], 'false: blocks without biases');
  reader.only('partial_rotary_factor', [1], '1: all of a head is rotated');
  reader.only('quantization_config', [], 'no quantisation');
  if (config['use_sliding_window'] !== false) reader.only('sliding_window', [], 'no sliding window');
}

/** `rope_theta` and `rope_scaling`, or both in `rope_parameters`; only plain rotary angles are read. */
function ropeTheta(config: ConfigJson, reader: SettingReader): number {
  let theta: unknown = config['rope_theta'];
  for (const name of ['rope_scaling', 'rope_parameters']) {
    const value = config[name];
    if (value === undefined || value === null) continue;
    if (!isObject(value)) {
      reader.wrong(name, 'an object', value);
      continue;
    }
    const type: unknown = value['rope_type'] ?? value['type'] ?? 'default';
    if (type !== 'default')
      reader.problems.push({
        at: `${name}.${'rope_type' in value ? 'rope_type' : 'type'}`,
        message: `rotary angles of the kind ${JSON.stringify(type)} are not supported`,
        expected: '"default": no scaling',
        found: JSON.stringify(type),
      });
    const partial = value['partial_rotary_factor'];
    if (partial !== undefined && partial !== null && partial !== 1)
      reader.unsupported(`${name}.partial_rotary_factor`, '1: all of a head is rotated', partial);
    theta = value['rope_theta'] ?? theta;
  }
  if (theta === undefined || theta === null) return 10000;
  if (typeof theta === 'number' && theta > 1) return theta;
  reader.wrong('rope_theta', 'a number above 1', theta);
  return 10000;
}

/** Reads settings and keeps what is wrong with them. */
class SettingReader {
  readonly problems: Problem[] = [];

  constructor(private readonly config: ConfigJson) {}

  /** A whole number of at least 1. */
  count(name: string, fallback?: number): number {
    return this.number(
      name,
      'a whole number of at least 1',
      (value) => Number.isSafeInteger(value),
      fallback,
    );
  }

  optionalCount(name: string): number | null {
    return this.isAbsent(name) ? null : this.count(name);
  }

  positive(name: string, fallback: number): number {
    return this.number(name, 'a number above 0', Number.isFinite, fallback);
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.config[name];
    if (this.isAbsent(name)) return fallback;
    if (typeof value !== 'boolean') this.wrong(name, 'true or false', value);
    return value === true;
  }

  /** @param allowed values besides an absent one */
  only(name: string, allowed: readonly unknown[], expected: string): void {
    const value = this.config[name];
    if (this.isAbsent(name) || allowed.some((each) => JSON.stringify(each) === JSON.stringify(value))) return;
    this.unsupported(name, expected, value);
  }

  unsupported(at: string, expected: string, value: unknown): void {
    this.problems.push({ at, message: 'is not supported', expected, found: shortened(value) });
  }

  wrong(at: string, expected: string, value: unknown): void {
    const message = value === undefined ? 'is missing' : 'cannot be used';
    this.problems.push({ at, message, expected, found: value === undefined ? 'nothing' : shortened(value) });
  }

  private number(
    name: string,
    expected: string,
    fits: (value: number) => boolean,
    fallback: number | undefined,
  ): number {
    const value = this.config[name];
    if (typeof value === 'number' && value > 0 && fits(value)) return value;
    if (!this.isAbsent(name) || fallback === undefined) this.wrong(name, expected, value ?? undefined);
    return fallback ?? 1;
  }

  private isAbsent(name: string): boolean {
    return this.config[name] === undefined || this.config[name] === null;
  }
}

function isObject(value: unknown): value is ConfigJson {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The older keys, and `rope_parameters` of the newer ones: each generation of readers finds what it looks for. */
function toConfigJson(config: unknown): ConfigJson {
  const model = llamaConfig(config);
  return {
    architectures: [CLASS],
    model_type: MODEL_TYPE,
    vocab_size: model.vocabularySize,
    max_position_embeddings: model.contextLength,
    hidden_size: model.hiddenSize,
    num_hidden_layers: model.layers,
    num_attention_heads: model.heads,
    num_key_value_heads: model.keyValueHeads,
    head_dim: model.headWidth,
    intermediate_size: model.ffn,
    hidden_act: 'silu',
    rms_norm_eps: model.normEpsilon,
    rope_theta: model.ropeTheta,
    rope_parameters: { rope_theta: model.ropeTheta, rope_type: 'default' },
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: model.tiedHead,
    initializer_range: model.initializerStd,
  };
}
