import { nearest, problemsError, type Problem } from '../../core/errors/index.js';
import type { EvaluationProgress } from './report.js';

/** What to measure and how; what is left out has a default. */
export interface EvaluateOptions {
  /** Names of dataset plugins; default: those that the model is recorded to have been trained on. */
  readonly datasets?: readonly string[];
  /** Files to predict, all of each; relative ones start from the project's `cwd`. Default: none. */
  readonly texts?: readonly string[];
  /** Most documents of a dataset that a loss is over. Default 1000; 0 for no losses. */
  readonly documents?: number;
  /** Most questions of a dataset that are asked. Default 100; 0 asks none. */
  readonly items?: number;
  /** Most tokens of an answer. Default 128, and at most half of the context. */
  readonly maxTokens?: number;
  /** Recursion step (1-based) that predicts and answers, alone. */
  readonly atStep?: number;
  /** Most tokens that are seen at once. Default: the model's context, at most 2048. */
  readonly context?: number;
  /** Tokens from one window of a long text to the next. Default: half of `context`, which is the most. */
  readonly stride?: number;
  /** Aborting it ends the work; what was measured until then is in the report. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

/** The numbers of {@link EvaluateOptions}, all of them there. */
export interface EvaluationSettings {
  readonly documents: number;
  readonly items: number;
  readonly maxTokens: number;
  readonly step: number | null;
  readonly context: number;
  readonly stride: number;
}

/** What a model allows. */
export interface ModelLimits {
  readonly contextLength: number;
  readonly recursionSteps: number;
}

const DOCUMENTS = 1000;
const ITEMS = 100;
const MOST_TOKENS = 128;
/** Longer windows are asked for: their attention and their logits may not fit into memory. */
const USUAL_CONTEXT = 2048;
const LEAST_CONTEXT = 8;

const OPTIONS = ['datasets', 'texts', 'documents', 'items', 'maxTokens', 'atStep', 'context', 'stride'];
const HEARING = ['signal', 'onProgress'];

/** @throws ForgeError AF_EVALUATE_OPTIONS with every problem */
export function evaluationSettings(options: EvaluateOptions, limits: ModelLimits): EvaluationSettings {
  const { contextLength, recursionSteps } = limits;
  const context = options.context ?? Math.min(contextLength, USUAL_CONTEXT);
  const half = Math.max(1, Math.floor(context / 2));
  const settings = {
    documents: options.documents ?? DOCUMENTS,
    items: options.items ?? ITEMS,
    maxTokens: options.maxTokens ?? Math.max(1, Math.min(MOST_TOKENS, Math.floor(contextLength / 2))),
    step: options.atStep ?? null,
    context,
    stride: options.stride ?? half,
  };
  const problems = [
    ...unknownNames(options),
    ...listProblems(options),
    ...within('documents', settings.documents, 0, Number.MAX_SAFE_INTEGER),
    ...within('items', settings.items, 0, Number.MAX_SAFE_INTEGER),
    ...within('maxTokens', settings.maxTokens, 1, contextLength - 1),
    ...within('atStep', settings.step ?? 1, 1, recursionSteps),
    ...within('context', context, Math.min(LEAST_CONTEXT, contextLength), contextLength),
    ...within('stride', settings.stride, 1, half),
  ];
  if (problems.length === 0) return settings;
  const fix = `The model sees ${contextLength} tokens and has ${recursionSteps} recursion ${recursionSteps === 1 ? 'step' : 'steps'}. Nothing was measured.`;
  throw problemsError('AF_EVALUATE_OPTIONS', 'The evaluation', problems, fix);
}

function unknownNames(options: EvaluateOptions): Problem[] {
  return Object.keys(options)
    .filter((name) => ![...OPTIONS, ...HEARING].includes(name))
    .map((at) => ({ at, message: 'unknown option', suggestion: nearest(at, OPTIONS) }));
}

function listProblems({ datasets, texts }: EvaluateOptions): Problem[] {
  const isList = (value: unknown): boolean =>
    value === undefined ||
    (Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== ''));
  return Object.entries({ datasets, texts }).flatMap(([at, value]) =>
    isList(value) ? [] : [{ at, message: 'cannot be used', expected: 'a list of names' }],
  );
}

function within(at: string, value: unknown, least: number, most: number): Problem[] {
  if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) return [];
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return [{ at, message: 'cannot be used', expected: `a whole number ${range}`, found: String(value) }];
}
