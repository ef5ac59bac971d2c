import { resolve } from 'node:path';
import type { ModelRef } from '../../core/contracts/model.js';
import type { ModelFilter, SessionRecord } from '../../core/contracts/registry.js';
import type { Kernel, PhaseSelection, RunOptions, RunPlan, RunReport } from '../../core/kernel/types.js';
import { ForgeError } from '../../core/errors/index.js';
import type { MergeReport } from '../merge/index.js';
import type { EvaluateOptions } from '../evaluate/options.js';
import type { EvaluationReport } from '../evaluate/report.js';
import type { ExportOptions, ExportReport } from '../export/export-model.js';
import type { Model } from '../generate/model.js';
import type { MergeModelsOptions, RecipeInput } from '../merge/merge-models.js';
import { openProjectKernel } from './kernel.js';
import type { OpenProjectOptions, Project } from './project.js';

/** Open a project; see `openProject` of the package. */
export async function openProject(options: OpenProjectOptions): Promise<Project> {
  const kernel = await openProjectKernel(options);
  return new OpenedProject(kernel, resolve(options.cwd ?? process.cwd()), () => kernel.dispose());
}

/** A kernel seen as a project. Its `dispose` lets go of the models; the kernel is the caller's. */
export function projectOver(kernel: Kernel, cwd: string): Project {
  return new OpenedProject(kernel, cwd, async () => undefined);
}

class OpenedProject implements Project {
  private readonly loaded = new Set<Model>();
  private disposing: Promise<void> | null = null;

  constructor(
    private readonly booted: Kernel,
    private readonly cwd: string,
    private readonly release: () => Promise<void>,
  ) {}

  get config(): Project['config'] {
    return this.booted.config;
  }

  get configFile(): string | null {
    return this.booted.configFile;
  }

  get kernel(): Kernel {
    return this.alive();
  }

  async plan(selection?: PhaseSelection): Promise<RunPlan> {
    return this.alive().plan(selection);
  }

  async run(options?: RunOptions): Promise<RunReport> {
    return this.alive().run(options);
  }

  pause(): void {
    this.alive().requestPause();
  }

  async sessions(filter?: Parameters<Project['sessions']>[0]): Promise<SessionRecord[]> {
    return this.alive().sessions(filter);
  }

  async models(filter?: ModelFilter): Promise<ModelRef[]> {
    return (await this.alive().registry()).models(filter);
  }

  async model(reference: string): Promise<ModelRef> {
    const registry = await this.alive().registry();
    const { findModel } = await import('../models/find-model.js');
    return findModel(registry, reference);
  }

  async loadModel(reference: string): Promise<Model> {
    const kernel = this.alive();
    const { openModel } = await import('../models/open-model.js');
    const model = await openModel(kernel, reference, this.cwd, async () => void this.loaded.delete(model));
    this.loaded.add(model);
    // The project may have been disposed while the weights were read.
    if (this.disposing !== null) await model.dispose();
    this.alive();
    return model;
  }

  async evaluate(reference: string, options?: EvaluateOptions): Promise<EvaluationReport> {
    const kernel = this.alive();
    const { evaluateModel } = await import('../evaluate/evaluate-model.js');
    return evaluateModel(kernel, reference, this.cwd, options);
  }

  async exportModel(reference: string, options: ExportOptions): Promise<ExportReport> {
    const kernel = this.alive();
    const { exportModelOf } = await import('../export/export-model.js');
    return exportModelOf(kernel, reference, this.cwd, options);
  }

  async merge(recipe: RecipeInput, options: MergeModelsOptions): Promise<MergeReport> {
    const kernel = this.alive();
    const { mergeModels } = await import('../merge/merge-models.js');
    return mergeModels(kernel, recipe, this.cwd, options);
  }

  dispose(): Promise<void> {
    this.disposing ??= this.letGo();
    return this.disposing;
  }

  private async letGo(): Promise<void> {
    const models = await Promise.allSettled([...this.loaded].map((model) => model.dispose()));
    await this.release();
    const failed = models.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  private alive(): Kernel {
    if (this.disposing === null) return this.booted;
    throw new ForgeError('AF_KERNEL_DISPOSED', 'This project was disposed.', {
      fix: 'Open it again with openProject, or dispose of it when everything is done.',
    });
  }
}
