import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { ForgeError, type Problem } from '../../../core/errors/index.js';

const strict = { additionalProperties: false } as const;
const count = (description: string) => Type.Integer({ minimum: 1, description });
const fraction = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

const RecursionSchema = Type.Object(
  {
    steps: withDefault(count('Supervised steps K'), 3),
    microSteps: withDefault(count('Refinements of the latent per step'), 2),
    crossWidth: withDefault(count('Width of the bottleneck cross-attentions'), 128),
    crossHeads: withDefault(count('Heads of the cross-attentions'), 2),
    gHidden: withDefault(count('Hidden width of the refining MLP'), 256),
    hHidden: withDefault(count('Hidden width of the answering MLP'), 320),
  },
  strict,
);

/** Hyper-parameters of titans-mag; the defaults are the reference of 25,900,801 parameters. */
export const TitansMagSchema = Type.Object(
  {
    vocabularySize: withDefault(count('Rows of the embedding table'), 32768),
    contextLength: withDefault(count('Longest sequence, tokens'), 2048),
    dModel: withDefault(count('Width of the residual stream'), 512),
    layers: withDefault(count('Blocks'), 8),
    heads: withDefault(count('Attention heads'), 8),
    embeddingRank: withDefault(count('Rank of the factorised, tied embedding'), 192),
    ffn: withDefault(count('Hidden width of the SwiGLU blocks'), 576),
    window: withDefault(count('How many tokens back attention sees'), 512),
    shortConvolution: withDefault(
      Type.Integer({
        minimum: 0,
        maximum: 8,
        description: 'Tokens that the convolution after each projection of attention reads; 0: none',
      }),
      0,
    ),
    ropeTheta: withDefault(
      Type.Number({ exclusiveMinimum: 1, description: 'Base of the rotary angles' }),
      10000,
    ),
    normEpsilon: withDefault(Type.Number({ exclusiveMinimum: 0 }), 1e-6),
    dMemory: withDefault(count('Channels of the linear memory'), 256),
    memoryDecay: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description: 'Decay per token of the first channel group',
      }),
      0.99,
    ),
    memoryCapacity: withDefault(
      Type.Union([Type.Number({ minimum: 16 }), Type.Null()], {
        description: 'Longest time constant of the memory groups, tokens; null: one group with memoryDecay',
      }),
      null,
    ),
    memoryGroups: withDefault(
      Type.Integer({ minimum: 2, description: 'Channel groups when a capacity is set' }),
      8,
    ),
    surprise: withDefault(
      fraction('Share of surprise in what is written; 0 with novelty 0 writes everything'),
      0,
    ),
    novelty: withDefault(fraction('Share of novelty in what is written'), 0),
    gateHidden: withDefault(count('Hidden width of the gate network'), 256),
    recursion: withDefault(RecursionSchema, {} as Static<typeof RecursionSchema>),
    dropout: withDefault(Type.Number({ minimum: 0, exclusiveMaximum: 1 }), 0.1),
  },
  strict,
);

export type TitansMagConfig = Static<typeof TitansMagSchema>;

/** Read a validated config. @throws ForgeError AF_MODEL_CONFIG naming every impossible combination of shapes. */
export function titansMagConfig(config: unknown): TitansMagConfig {
  const checked = config as TitansMagConfig;
  const problems = shapeProblems(checked);
  if (problems.length === 0) return checked;
  throw new ForgeError('AF_MODEL_CONFIG', 'The titans-mag hyper-parameters do not fit together.', {
    at: problems[0]!.at,
    fix: problems[0]!.fix,
    problems,
  });
}

function shapeProblems(config: TitansMagConfig): Problem[] {
  const { recursion } = config;
  const problems: Problem[] = [];
  const divides = (divisor: number, value: number, at: string, what: string): void => {
    if (value % divisor === 0) return;
    problems.push({
      at,
      message: `${what} is not a multiple of ${divisor}`,
      expected: `a multiple of ${divisor}`,
      found: String(value),
      fix: `Set ${at} to a multiple of ${divisor}.`,
    });
  };
  // Rotary embedding turns pairs of dimensions, so a head must be even.
  divides(2 * config.heads, config.dModel, 'dModel', 'dModel (two per head)');
  divides(
    2 * recursion.crossHeads,
    recursion.crossWidth,
    'recursion.crossWidth',
    'crossWidth (two per head)',
  );
  if (config.memoryCapacity !== null) divides(config.memoryGroups, config.dMemory, 'dMemory', 'dMemory');
  return problems;
}
