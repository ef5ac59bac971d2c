/**
 * The public surface of `agentforge`: that of the kernel (contracts, typed factories, `defineConfig`, errors), and what
 * is done with a project and its models from code. Nothing heavy is loaded before it is used.
 */
import type { Model } from './generate/model.js';
import type { OpenProjectOptions, Project } from './project/project.js';

export * from '../core/index.js';
// With them comes what the compiler knows of the built-in phases and plugins.
export type { BuiltinOptions, BuiltinPhases } from '../plugins/catalogue.js';
export type {
  Answer,
  AskOptions,
  ChatOptions,
  ChatPiece,
  ChatSettings,
  Conversation,
} from './chat/conversation.js';
export type { EvaluateOptions } from './evaluate/options.js';
export type {
  AccuracyPart,
  Estimate,
  EvaluationPart,
  EvaluationProgress,
  EvaluationReport,
  EvaluatorPart,
  LossPart,
  Standing,
  TextPart,
} from './evaluate/report.js';
export type { ExportOptions, ExportReport } from './export/export-model.js';
export type { GeneratedText, GenerateOptions, Model, TextCall, WrittenThoughts } from './generate/model.js';
export type { MergeModelsOptions, RecipeInput } from './merge/merge-models.js';
export type { OpenProjectOptions, Project } from './project/project.js';
export type { MergeReport, Recipe as MergeRecipe } from './merge/index.js';

/**
 * Open a project as the command line does: the config of its folder (or one by value, path or preset), the built-in
 * plugins and presets. Nothing is printed unless `terminal` says so; `onEvent` hears everything.
 *
 * @example
 * const project = await openProject({ preset: 'quickstart' });
 * try {
 *   const report = await project.run();
 *   const model = await project.loadModel('champion');
 *   console.log((await model.complete('Once upon a time')).text);
 * } finally {
 *   await project.dispose();
 * }
 *
 * @throws ForgeError AF_CONFIG_NOT_FOUND, AF_CONFIG_LOAD, AF_CONFIG_INVALID with every problem, AF_PLUGIN_CYCLE,
 * AF_PLUGIN_APPLY, AF_PLUGIN_DUPLICATE, AF_PLUGIN_HOOK
 */
export async function openProject(options: OpenProjectOptions = {}): Promise<Project> {
  const project = await import('./project/open-project.js');
  return project.openProject(options);
}

/**
 * Load one model, ready to write: its id, name (the newest), `session:name` or `latest` in the registry of the project
 * in the working directory, or a folder (`./out`). It needs no config; with one, its plugins and engine count.
 *
 * @param options the project, as for {@link openProject}
 * @throws ForgeError see {@link Project.loadModel}
 */
export async function loadModel(reference: string, options: OpenProjectOptions = {}): Promise<Model> {
  const { loadModelAlone } = await import('./models/load-model-alone.js');
  return loadModelAlone(reference, options);
}
