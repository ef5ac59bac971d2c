import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { createJiti as CreateJiti, Jiti } from 'jiti';

/** Loads TypeScript and JavaScript modules of the user: configs and plugins. */
export interface Importer {
  /** The module at an absolute path. */
  importFile(file: string): Promise<unknown>;
  /** Absolute path of an installed package seen from a folder, or null. */
  resolvePackage(name: string, folder: string): Promise<string | null>;
}

/**
 * A jiti loader per kernel: no build, the same in Node and in test runners. The modules given
 * are handed to whoever imports them by name, so that a config in an empty folder may import `agentforge`.
 */
export function createImporter(modules: Readonly<Record<string, () => Promise<unknown>>>): Importer {
  let loaded: Jiti | undefined;
  const jiti = (): Jiti => (loaded ??= load(modules));
  return {
    importFile: async (file) => jiti().import(file),
    resolvePackage: async (name, folder) => {
      const parentURL = pathToFileURL(`${folder}/`).href;
      const found = jiti().esmResolve(name, { parentURL, try: true });
      return found === undefined ? null : fileURLToPath(found);
    },
  };
}

function load(modules: Readonly<Record<string, () => Promise<unknown>>>): Jiti {
  // Required: Node searches CommonJS that is imported for its exports, here for longer than running it takes.
  const { createJiti } = createRequire(import.meta.url)('jiti') as {
    readonly createJiti: typeof CreateJiti;
  };
  const virtualModules = {};
  for (const [name, open] of Object.entries(modules)) {
    // jiti awaits what it finds here when a file imports the name: a getter makes the loading lazy.
    Object.defineProperty(virtualModules, name, { enumerable: true, get: open });
  }
  // jiti's cache of compiled modules lies in the temporary folder, where anybody may put code for us to run.
  return createJiti(process.cwd(), { virtualModules, interopDefault: false, fsCache: false });
}
