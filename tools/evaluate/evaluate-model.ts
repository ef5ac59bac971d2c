import type { TensorDict } from '../../core/contracts/tensor.js';
import { EVALUATOR } from '../../core/contracts/evaluator.js';
import { ForgeError } from '../../core/errors/index.js';
import type { Kernel } from '../../core/kernel/types.js';
import { countParameters } from '../../nn/models/index.js';
import { sourceOf, type ModelSource } from '../generate/model-source.js';
import { familyOf, readModel, type ReadModel } from '../generate/open-generator.js';
import type { LocatedModel } from '../models/locate-model.js';
import { locateWith } from '../models/open-model.js';
import { accuracyOf, questionsOf } from './accuracy.js';
import { evaluatorScore, type ScoredModel } from './evaluators.js';
import { measuredData, type MeasuredData } from './held-out.js';
import { lossOf } from './loss.js';
import { evaluationSettings, type EvaluateOptions, type EvaluationSettings } from './options.js';
import { readTextToMeasure, type TextToMeasure } from './read-text.js';
import type { EvaluationPart, EvaluationReport } from './report.js';
import { Subject, type Tell } from './subject.js';
import { encodeText, textLossOf, type EncodedText } from './text.js';

/** One thing to measure. The list of them is what an evaluation is. */
interface Measurement {
  /** For people, while it goes on. */
  readonly task: string;
  readonly measure: (tell: Tell) => Promise<EvaluationPart>;
}

/**
 * Measure a model, one part after the other: the loss of each dataset, each text, the accuracy of each dataset that
 * grades answers, each evaluator of the config. Everything that is wrong with what was asked for is told before the
 * first number is computed. The same model gives the same numbers.
 *
 * @throws ForgeError AF_EVALUATE_OPTIONS, AF_EVALUATE_TEXT, AF_PLUGIN_UNKNOWN, AF_DATA_NOT_FOUND; of the model as
 * `loadModel`; AF_PLUGIN_FAILED naming the evaluator
 */
export async function evaluateModel(
  kernel: Kernel,
  reference: string,
  cwd: string,
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const located = await locateWith(kernel, reference, cwd);
  const source = await sourceOf(located, kernel);
  const { facts, settings } = await settingsOf(kernel, source, options);
  const read: TextToMeasure[] = [];
  for (const name of options.texts ?? []) read.push(await readTextToMeasure(name, cwd));
  const model = await readModel(kernel, source);
  const texts = read.map((text) => encodeText(text, model.tokenizer));
  const data = await measuredData(kernel, source, options.datasets);
  const answerOnly = source.metadata?.data?.split.answer_only ?? true;
  const subject = await Subject.open(kernel, model, settings);
  try {
    const scored = scoredModel(located, () => weightsFor(kernel, source, model));
    const parts: EvaluationPart[] = [];
    const work = [
      ...measurements(subject, data, texts, answerOnly),
      ...kernel.names(EVALUATOR).map((name) => evaluation(kernel, name, scored, subject)),
    ];
    if (work.length === 0) throw nothingToMeasure(source, data);
    const complete = await measureAll(work, options, parts);
    return {
      model: facts,
      settings: {
        ...{ context: settings.context, stride: settings.stride, maxTokens: settings.maxTokens, answerOnly },
        ...{ lossStep: settings.step ?? facts.recursionSteps, answerStep: settings.step },
      },
      parts,
      warnings: [...data.warnings, ...lossyTexts(parts)],
      complete,
    };
  } finally {
    await subject.dispose();
  }
}

async function settingsOf(
  kernel: Kernel,
  source: ModelSource,
  options: EvaluateOptions,
): Promise<{ readonly facts: EvaluationReport['model']; readonly settings: EvaluationSettings }> {
  const { architecture, config } = await familyOf(kernel, source);
  const facts = {
    ...{ name: source.name, id: source.id, folder: source.folder, sha256: source.metadata?.sha256 ?? null },
    architecture: source.config.architecture,
    parameters: countParameters(architecture.describe(config)),
    contextLength: architecture.contextLength(config),
    recursionSteps: architecture.facts?.(config)['recursion_steps'] ?? 1,
  };
  return { facts, settings: evaluationSettings(options, facts) };
}

function measurements(
  subject: Subject,
  { sets }: MeasuredData,
  texts: readonly EncodedText[],
  answerOnly: boolean,
): Measurement[] {
  const { documents, items } = subject.settings;
  const asked = items === 0 ? [] : sets.map((set) => ({ set, questions: questionsOf(subject, set) }));
  return [
    ...(documents === 0 ? [] : sets).map((set) => ({
      task: `loss of ${set.name}`,
      measure: (tell: Tell) => lossOf(subject, set, answerOnly, tell),
    })),
    ...texts.map((text) => ({
      task: `text ${text.name}`,
      measure: (tell: Tell) => textLossOf(subject, text, tell),
    })),
    ...asked
      .filter(({ questions }) => questions.length > 0)
      .map(({ set, questions }) => ({
        task: `answers of ${set.name}`,
        measure: (tell: Tell) => accuracyOf(subject, set, questions, tell),
      })),
  ];
}

function evaluation(kernel: Kernel, name: string, model: ScoredModel | null, subject: Subject): Measurement {
  return {
    task: `evaluator ${name}`,
    measure: async (tell) => {
      await tell(0, 1, 'model');
      const part = await evaluatorScore(kernel, name, model, subject.engine);
      await tell(1, 1, 'model');
      return part;
    },
  };
}

function nothingToMeasure({ name, at, metadata }: ModelSource, { sets }: MeasuredData): ForgeError {
  const why =
    sets.length > 0 || (metadata?.data ?? null) !== null
      ? 'everything was left out'
      : `nobody recorded what ${name} was trained on, and nothing was named`;
  return new ForgeError('AF_EVALUATE_OPTIONS', `There is nothing to measure: ${why}.`, {
    at,
    fix: 'Name datasets (--datasets) or a text file (--text).',
  });
}

/** What evaluators take: a reference of the registry with its weights. */
function scoredModel(located: LocatedModel, readWeights: () => Promise<TensorDict>): ScoredModel | null {
  return located.kind === 'registry' ? { ref: located.model, readWeights } : null;
}

/** As floats; those of a packed model are not in memory. */
async function weightsFor(kernel: Kernel, source: ModelSource, model: ReadModel): Promise<TensorDict> {
  if (source.openPacked === null) return model.weights;
  const { architecture, config } = await familyOf(kernel, source);
  return source.readWeights(architecture.describe(config));
}

/** @returns false when the signal ended it; the part at hand is left out then */
async function measureAll(
  work: readonly Measurement[],
  { signal, onProgress }: EvaluateOptions,
  parts: EvaluationPart[],
): Promise<boolean> {
  const stopped = new Error('The evaluation was stopped.');
  for (const { task, measure } of work) {
    const tell: Tell = async (done, total, unit) => {
      onProgress?.({ task, done, total, unit });
      // Engines hold the event loop while they compute: let signals and timers in.
      await new Promise((next) => setImmediate(next));
      if (signal?.aborted === true && done < total) throw stopped;
    };
    if (signal?.aborted === true) return false;
    try {
      parts.push(await measure(tell));
    } catch (error) {
      if (error === stopped) return false;
      throw error;
    }
  }
  return true;
}

function lossyTexts(parts: readonly EvaluationPart[]): string[] {
  return parts.flatMap((part) =>
    part.kind === 'text' && !part.lossless
      ? [
          `The tokenizer does not give ${part.name} back as it is: bits per byte are those of what it read, over the bytes of the file.`,
        ]
      : [],
  );
}
