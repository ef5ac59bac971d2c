import { ARCHITECTURE } from '../../contracts/architecture.js';
import { ENGINE } from '../../contracts/engine.js';
import type { ModelRef } from '../../contracts/model.js';
import { TOKENIZER, type Tokenizer } from '../../contracts/tokenizer.js';
import type { Kernel } from '../../core/kernel/types.js';
import { loadValidator } from '../../core/validation/validator.js';
import { ForgeError } from '../../errors/index.js';
import type { Generator } from '../../nn/generation/index.js';

/** A model ready to write, with the engine it runs on. */
export interface OpenedGenerator {
  readonly generator: Generator;
  readonly tokenizer: Tokenizer;
  dispose(): Promise<void>;
}

/**
 * Load a model of the registry into an engine: verified weights, its tokenizer, its halting threshold.
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT, AF_PLUGIN_UNKNOWN when its architecture or tokenizer is not
 *   there, AF_MODEL_TOKENIZER
 */
export async function openGenerator(kernel: Kernel, model: ModelRef): Promise<OpenedGenerator> {
  const architecture = kernel.resolve(ARCHITECTURE, model.config.architecture);
  const config = await hyperparameters(model, architecture.configSchema);
  const { artifacts } = await kernel.storage();
  const text = await artifacts.readText(tokenizerOf(model));
  const { modelTokenizer } = await import('../../nn/models/index.js');
  const tokenizer = modelTokenizer(model, text, {
    names: kernel.names(TOKENIZER),
    resolve: (kind) => kernel.resolve(TOKENIZER, kind),
  });
  const weights = await artifacts.readTensors(model.weights);
  const { Generator } = await import('../../nn/generation/index.js');
  const engine = await kernel.resolve(ENGINE).open();
  try {
    const generator = await Generator.create({
      engine,
      architecture,
      config,
      weights,
      halt: await haltingRule(model),
    });
    return {
      generator,
      tokenizer,
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

async function hyperparameters(model: ModelRef, schema: object): Promise<unknown> {
  const config = structuredClone(model.config.hyperparameters);
  const at = `model ${model.id}`;
  const problems = (await loadValidator()).validate(schema, config, { at, fillDefaults: true });
  if (problems.length === 0) return config;
  throw new ForgeError('AF_MODEL_CONFIG', 'The hyper-parameters of the model do not fit its architecture.', {
    at,
    problems,
    fix: 'The model was made by another version of the architecture: use that version, or train it again.',
  });
}

function tokenizerOf(model: ModelRef) {
  if (model.tokenizer !== null) return model.tokenizer;
  throw new ForgeError(
    'AF_ARTIFACT_MISSING',
    `Model ${model.name} has no tokenizer: it cannot read or write text.`,
    {
      at: `model ${model.id}`,
      fix: 'Choose a model that was trained on text: agentforge models.',
    },
  );
}

/** The calibrated halting rule of the model where its metadata has one; otherwise every recursion step is taken. */
async function haltingRule(
  model: ModelRef,
): Promise<((probabilities: readonly number[]) => number) | undefined> {
  const { act_threshold: threshold, ema_acc: accuracy, ema_halt: probability } = model.metadata.attributes;
  if (typeof threshold !== 'number') return undefined;
  const { calibratedRule } = await import('../../nn/halting/index.js');
  return calibratedRule({ accuracy: numbersOf(accuracy), probability: numbersOf(probability) }, threshold);
}

function numbersOf(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.length > 0 ? value.filter((each) => typeof each === 'number') : null;
}
