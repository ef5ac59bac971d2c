import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { ForgeError, type Problem } from '../../../core/errors/index.js';

const count = (description: string) => Type.Integer({ minimum: 1, description });

/** Hyper-parameters of llama; the defaults are the shape of {@link LLAMA_SIZES} `25m`. */
export const LlamaSchema = Type.Object(
  {
    vocabularySize: withDefault(count('Rows of the embedding table'), 32768),
    contextLength: withDefault(count('Longest sequence, tokens'), 2048),
    hiddenSize: withDefault(count('Width of the residual stream'), 384),
    layers: withDefault(count('Blocks'), 8),
    heads: withDefault(count('Attention heads'), 6),
    keyValueHeads: withDefault(
      Type.Union([count('Heads of keys and values'), Type.Null()], {
        description: 'Heads of keys and values, each for a group of heads; null: as many as heads',
      }),
      null,
    ),
    headWidth: withDefault(
      Type.Union([count('Width of a head'), Type.Null()], {
        description: 'Width of a head; null: hiddenSize / heads',
      }),
      null,
    ),
    ffn: withDefault(count('Hidden width of the SwiGLU blocks'), 1024),
    ropeTheta: withDefault(
      Type.Number({ exclusiveMinimum: 1, description: 'Base of the rotary angles' }),
      10000,
    ),
    normEpsilon: withDefault(Type.Number({ exclusiveMinimum: 0 }), 1e-5),
    tiedHead: withDefault(Type.Boolean({ description: 'The output head is the embedding table' }), true),
    initializerStd: withDefault(
      Type.Number({ exclusiveMinimum: 0, description: 'Spread of fresh weights' }),
      0.02,
    ),
  },
  { additionalProperties: false },
);

export type LlamaHyperparameters = Static<typeof LlamaSchema>;

/** Hyper-parameters without anything left open. */
export interface LlamaConfig extends LlamaHyperparameters {
  readonly keyValueHeads: number;
  readonly headWidth: number;
}

/** Hyper-parameters by the name of a size; what a size leaves open is the default of the schema. */
export const LLAMA_SIZES = {
  /** 26,745,216 parameters: the schema's defaults. */
  '25m': {},
  /** 1,000,576 parameters with a vocabulary of 2,048: minutes of training on two cores. */
  '1m': {
    ...{ vocabularySize: 2048, contextLength: 1024, hiddenSize: 128, layers: 4, heads: 4, keyValueHeads: 2 },
    ffn: 352,
  },
  /** 5,475,584 parameters. */
  '5m': {
    ...{ vocabularySize: 4096, contextLength: 1024, hiddenSize: 256, layers: 6, heads: 8, keyValueHeads: 4 },
    ffn: 704,
  },
  /** 109,529,856 parameters: the shape of the largest TinyLlama on stories. */
  '110m': {
    ...{ vocabularySize: 32000, contextLength: 1024, hiddenSize: 768, layers: 12, heads: 12, ffn: 2048 },
  },
  /** 1,235,814,400 parameters: the shape of Llama 3.2 1B, for estimates and for machines that can. */
  '1b': {
    ...{ vocabularySize: 128256, contextLength: 8192, hiddenSize: 2048, layers: 16, heads: 32 },
    ...{ keyValueHeads: 8, headWidth: 64, ffn: 8192, ropeTheta: 500000 },
  },
  /** Some 5,000 parameters, two heads to one of keys: for unit tests. */
  micro: {
    ...{ vocabularySize: 48, contextLength: 32, hiddenSize: 16, layers: 2, heads: 4, keyValueHeads: 2 },
    ...{ ffn: 24, tiedHead: false },
  },
  /** 28,832 parameters: seconds, for tests. */
  tiny: {
    ...{ vocabularySize: 320, contextLength: 64, hiddenSize: 32, layers: 2, heads: 4, keyValueHeads: 2 },
    ffn: 64,
  },
} as const;

/** Read a validated config. @throws ForgeError AF_MODEL_CONFIG naming every impossible combination of shapes */
export function llamaConfig(config: unknown): LlamaConfig {
  const checked = config as LlamaHyperparameters;
  const { heads, hiddenSize } = checked;
  const complete = {
    ...checked,
    keyValueHeads: checked.keyValueHeads ?? heads,
    headWidth: checked.headWidth ?? hiddenSize / heads,
  };
  const problems = shapeProblems(complete);
  if (problems.length === 0) return complete;
  throw new ForgeError('AF_MODEL_CONFIG', 'The llama hyper-parameters do not fit together.', {
    at: problems[0]!.at,
    fix: problems[0]!.fix,
    problems,
  });
}

function shapeProblems({ heads, keyValueHeads, headWidth, hiddenSize }: LlamaConfig): Problem[] {
  const problems: Problem[] = [];
  if (heads % keyValueHeads !== 0)
    problems.push({
      at: 'keyValueHeads',
      message: 'heads cannot share keys and values in equal groups',
      expected: `a divisor of heads (${heads})`,
      found: String(keyValueHeads),
      fix: 'Set keyValueHeads to a divisor of heads.',
    });
  // Rotary embedding turns pairs of dimensions, so a head must be even.
  if (!Number.isInteger(headWidth))
    problems.push({
      at: 'hiddenSize',
      message: 'does not divide among the heads',
      expected: `a multiple of heads (${heads}), or a headWidth`,
      found: String(hiddenSize),
      fix: 'Set hiddenSize to a multiple of heads, or set headWidth.',
    });
  else if (headWidth % 2 !== 0)
    problems.push({
      at: 'headWidth',
      message: 'rotary embedding needs an even width of heads',
      expected: 'an even number',
      found: String(headWidth),
      fix: 'Set an even headWidth.',
    });
  return problems;
}
