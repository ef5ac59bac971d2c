import { ARCHITECTURE, type Architecture } from '../../core/contracts/architecture.js';
import { ENGINE } from '../../core/contracts/engine.js';
import type { ModelConfig } from '../../core/contracts/model.js';
import { TOKENIZER, type Tokenizer } from '../../core/contracts/tokenizer.js';
import type { Kernel } from '../../core/kernel/types.js';
import { loadValidator } from '../../core/validation/validator.js';
import { ForgeError, isForgeError, nearest } from '../../core/errors/index.js';
import type { Generator, GeneratorOptions } from '../../nn/generation/index.js';
import type { ModelSource } from './model-source.js';

/** A model ready to write, with the engine it runs on. */
export interface OpenedGenerator {
  readonly generator: Generator;
  readonly tokenizer: Tokenizer;
  /** Longest text the model sees, in tokens. */
  readonly contextLength: number;
  dispose(): Promise<void>;
}

/** A model in memory: verified weights, its tokenizer, its halting rule; one without metadata takes every step. */
export interface ReadModel extends Omit<GeneratorOptions, 'engine'> {
  readonly tokenizer: Tokenizer;
}

/**
 * A packed model comes with an architecture that multiplies with its codes, and with the weights that are in none.
 *
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT, AF_MODEL_CONFIG, AF_MODEL_TENSORS, AF_PACKED_FORMAT,
 * AF_PLUGIN_UNKNOWN when its architecture or a compressor is not there
 */
export async function readModel(kernel: Kernel, source: ModelSource): Promise<ReadModel> {
  const { architecture, config } = await familyOf(kernel, source);
  const { checkVocabulary, modelTokenizer } = await import('../../nn/models/index.js');
  const tokenized = { name: source.name, id: source.id, metadata: source.tokenizerFacts };
  const tokenizer = modelTokenizer(tokenized, await source.readTokenizer(), {
    names: kernel.names(TOKENIZER),
    resolve: (kind) => kernel.resolve(TOKENIZER, kind),
  });
  checkVocabulary(source, tokenizer, architecture.vocabularySize(config));
  const { haltingRule } = await import('../../nn/halting/index.js');
  const halt = haltingRule(source.metadata?.halting ?? null);
  return { ...(await computing(kernel, source, { architecture, config })), config, tokenizer, halt };
}

async function computing(
  kernel: Kernel,
  source: ModelSource,
  { architecture, config }: Family,
): Promise<Pick<ReadModel, 'architecture' | 'weights'>> {
  const described = architecture.describe(config);
  if (source.openPacked === null) return { architecture, weights: await source.readWeights(described) };
  const { storedModel } = await import('../../nn/quantization/index.js');
  return storedModel(
    kernel,
    { ...source.config, hyperparameters: config },
    await source.openPacked(described),
  );
}

/** Load a model into an engine. @throws ForgeError see {@link readModel} */
export async function openGenerator(kernel: Kernel, source: ModelSource): Promise<OpenedGenerator> {
  const { tokenizer, ...model } = await readModel(kernel, source);
  const { Generator } = await import('../../nn/generation/index.js');
  const engine = await kernel.resolve(ENGINE).open();
  try {
    const generator = await Generator.create({ engine, ...model });
    return {
      generator,
      tokenizer,
      contextLength: model.architecture.contextLength(model.config),
      dispose: async () => {
        await generator.dispose();
        await engine.dispose();
      },
    };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

interface Family {
  /** Computes with the quantization of the model, where it has one. */
  readonly architecture: Architecture;
  readonly config: ModelConfig['hyperparameters'];
}

/** A model's architecture with its hyper-parameters. @throws ForgeError AF_PLUGIN_UNKNOWN, AF_MODEL_CONFIG */
export async function familyOf(kernel: Kernel, source: ModelSource): Promise<Family> {
  const architecture = await architectureOf(kernel, source);
  return { architecture, config: await hyperparameters(source, architecture.configSchema) };
}

async function architectureOf(kernel: Kernel, { config, at, name }: ModelSource): Promise<Architecture> {
  const { modelArchitecture } = await import('../../nn/quantization/index.js');
  try {
    return modelArchitecture(kernel, config);
  } catch (error) {
    const names = kernel.names(ARCHITECTURE);
    // A compressor that is not there is named already.
    if (!isForgeError(error, 'AF_PLUGIN_UNKNOWN') || names.includes(config.architecture)) throw error;
    const suggestion = nearest(config.architecture, names);
    throw new ForgeError(
      'AF_PLUGIN_UNKNOWN',
      `The architecture "${config.architecture}" of ${name} is not there.`,
      {
        at,
        fix: `List the plugin that provides it under \`plugins\` of the config. Known: ${names.join(', ')}.`,
        facts: { architecture: config.architecture, known: names, suggestion: suggestion ?? null },
        cause: error,
      },
    );
  }
}

async function hyperparameters(
  { config: stored, at }: ModelSource,
  schema: object,
): Promise<ModelConfig['hyperparameters']> {
  const config = structuredClone(stored.hyperparameters);
  const problems = (await loadValidator()).validate(schema, config, { at, fillDefaults: true });
  if (problems.length === 0) return config;
  throw new ForgeError('AF_MODEL_CONFIG', 'The hyper-parameters of the model do not fit its architecture.', {
    at,
    problems,
    fix: 'The model was made by another version of the architecture: use that version, or train it again.',
  });
}
