import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createKernel, type CreateKernelOptions } from '../../../../core/index.js';
import type { Kernel } from '../../../../core/kernel/types.js';
import { isForgeError, type ForgeError } from '../../../../core/errors/index.js';

/** A folder with a package.json, files written by tests, and kernels that are disposed with it. */
export class Project {
  private readonly kernels: Kernel[] = [];

  private constructor(readonly folder: string) {}

  static async make(): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), 'agentforge-config-')));
    await project.write({ 'package.json': '{"name":"project"}' });
    return project;
  }

  async write(contents: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [name, content] of Object.entries(contents)) {
      await mkdir(dirname(this.path(name)), { recursive: true });
      await writeFile(this.path(name), content);
    }
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async boot(options: Partial<CreateKernelOptions> = {}): Promise<Kernel> {
    const modules = { agentforge: () => import('../../../../core/index.js') };
    const kernel = await createKernel({ cwd: this.folder, env: {}, modules, ...options });
    this.kernels.push(kernel);
    return kernel;
  }

  /** The error that booting ends with. */
  async failure(options: Partial<CreateKernelOptions> = {}): Promise<ForgeError> {
    const error = await this.boot(options).then(
      () => new Error('the kernel booted'),
      (thrown: unknown) => thrown,
    );
    if (isForgeError(error)) return error;
    throw error as Error;
  }

  async remove(): Promise<void> {
    for (const kernel of this.kernels.splice(0)) await kernel.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }
}
