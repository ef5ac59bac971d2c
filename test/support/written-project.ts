import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openProject } from 'agentforge';
import { temporaryFolder } from './cli.js';
import { writerConfig } from './writer-config.js';

/** A folder with a config, in which the named models were made. */
export async function writtenProject(
  ...names: string[]
): Promise<{ readonly path: string; readonly session: string; remove(): void }> {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, 'package.json'), '{}');
  writeFileSync(join(folder.path, 'agentforge.config.ts'), writerConfig(names));
  const project = await openProject({ cwd: folder.path });
  const { sessionId, error } = await project.run();
  await project.dispose();
  if (error !== null) throw error;
  return { ...folder, session: sessionId };
}
