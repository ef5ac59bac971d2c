import type { ResolvedConfig } from '../../core/contracts/config.js';
import type { ModelRef } from '../../core/contracts/model.js';
import type { ModelFilter, SessionRecord, SessionStatus } from '../../core/contracts/registry.js';
import type { Kernel, PhaseSelection, RunOptions, RunPlan, RunReport } from '../../core/kernel/types.js';
import type { MergeReport } from '../merge/index.js';
import type { EvaluateOptions } from '../evaluate/options.js';
import type { EvaluationReport } from '../evaluate/report.js';
import type { ExportOptions, ExportReport } from '../export/export-model.js';
import type { Model } from '../generate/model.js';
import type { MergeModelsOptions, RecipeInput } from '../merge/merge-models.js';
import type { ProjectKernelOptions } from './kernel.js';

export type OpenProjectOptions = ProjectKernelOptions;

declare module '../../core/contracts/command.js' {
  interface CommandProject extends Project {}
}

/**
 * A project: its configuration, its pipeline and its models. Several may be open in one process; they do not see each
 * other, unless they share a storage folder, as two command lines would.
 */
export interface Project {
  /** The whole configuration, with defaults. */
  readonly config: ResolvedConfig;
  /** Absolute path of the config file, or null when there is none. */
  readonly configFile: string | null;
  /** Everything else: hooks, plugins, registry, storage. */
  readonly kernel: Kernel;
  /** What a run would need and what forbids it; nothing is written. */
  plan(selection?: PhaseSelection): Promise<RunPlan>;
  /**
   * Run the pipeline. A failure after the session exists is in the report, not thrown.
   * @param options `signal`: aborting it asks for a pause; the run ends as `paused` after a checkpoint
   * @throws ForgeError AF_PLAN_INVALID with every problem, before anything is written; AF_KERNEL_BUSY
   */
  run(options?: RunOptions): Promise<RunReport>;
  /** Ask the run under way to pause at its next pause point. */
  pause(): void;
  /** Sessions, newest first. */
  sessions(filter?: {
    readonly status?: readonly SessionStatus[];
    readonly limit?: number;
  }): Promise<SessionRecord[]>;
  /** Models of the registry, newest first. */
  models(filter?: ModelFilter): Promise<ModelRef[]>;
  /**
   * A model of the registry: id, name (the newest), `session:name` or `latest`.
   * @throws ForgeError AF_REGISTRY_NOT_FOUND with the nearest name
   */
  model(reference: string): Promise<ModelRef>;
  /**
   * Load a model into an engine: one of the registry, or a folder (`./out`). It goes with the project, or earlier by its
   * own `dispose`.
   *
   * @throws ForgeError AF_REGISTRY_NOT_FOUND, AF_MODEL_NOT_FOUND, AF_MODEL_AMBIGUOUS, AF_MODEL_FOLDER, AF_MODEL_CONFIG,
   * AF_MODEL_TENSORS, AF_ARTIFACT_CORRUPT, AF_PLUGIN_UNKNOWN
   */
  loadModel(reference: string): Promise<Model>;
  /**
   * Measure a model of the registry or of a folder on what it was not trained on: the loss of each dataset, bits per
   * byte of texts, accuracy in free answers, and what every evaluator of the config says of it.
   *
   * @throws ForgeError AF_EVALUATE_OPTIONS, AF_EVALUATE_TEXT, AF_PLUGIN_UNKNOWN, AF_DATA_NOT_FOUND, AF_PLUGIN_FAILED naming
   * the evaluator; of the model as {@link loadModel}
   */
  evaluate(reference: string, options?: EvaluateOptions): Promise<EvaluationReport>;
  /**
   * Write a model of the registry as a folder.
   * @throws ForgeError AF_REGISTRY_NOT_FOUND, AF_EXPORT_OUTPUT, AF_ARTIFACT_CORRUPT, AF_STORAGE_FULL
   */
  exportModel(reference: string, options: ExportOptions): Promise<ExportReport>;
  /**
   * Merge models by a recipe: the path of a file, or a recipe as an object.
   * @throws ForgeError AF_MERGE_RECIPE, AF_MERGE_CHECKPOINTS, AF_MERGE_OUTPUT with every problem; AF_MERGE_INTERRUPTED
   */
  merge(recipe: RecipeInput, options: MergeModelsOptions): Promise<MergeReport>;
  /** Pause a run under way, let go of loaded models, close registry and plugins. Harmless when repeated. */
  dispose(): Promise<void>;
}
