import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { restoreCompiled } from './compiled.js';
import { literalModule } from './literals.js';

/** Modules of schemas, and of nothing else, that commands read which shall answer at once. */
const SCHEMA_MODULES = ['core/contracts/config-schema.js'];

const dist = fileURLToPath(new URL('../', import.meta.url));
const handoffs = fileURLToPath(new URL('../../schemas/handoff/', import.meta.url));

/** The second step of the build, in `dist`: what is compiled is made quick to start. */
async function build(): Promise<void> {
  for (const file of SCHEMA_MODULES)
    await restoreCompiled(dist + file, `${dist}build/${basename(file)}.compiled`);
  // Imports those modules.
  const { checkModules, ownSchemas } = await import('./checks.js');
  const modules = checkModules(await ownSchemas(handoffs));
  const folder = `${dist}checks/`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, code] of modules) await writeFile(folder + name, code);
  for (const file of SCHEMA_MODULES) {
    const exports = (await import(`../${file}`)) as Readonly<Record<string, unknown>>;
    await writeFile(dist + file, literalModule(exports));
  }
}

await build();
