import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  defineStorage,
  STORAGE,
  Type,
  withDefault,
  type ArtifactRef,
  type ArtifactStore,
  type OptionsOf,
} from 'agentforge';

/** Any other storage of files, every artifact also copied to a second folder: a disk that fails costs no model. */
export const mirrored = defineStorage({
  name: 'mirrored',
  description: 'Another storage, every artifact copied to a second folder',
  options: Type.Object(
    {
      folder: Type.String({ minLength: 1, description: 'Where the copies go, named by their sha256' }),
      storage: withDefault(Type.String({ description: 'Name of the storage that is copied' }), 'files'),
    },
    { additionalProperties: false },
  ),
  create: ({ folder, storage }, forge) => ({
    open: async (root) => {
      const inner = await forge.resolve(STORAGE, storage).open(root);
      await mkdir(resolve(folder), { recursive: true });
      return bound(inner, { artifacts: withCopies(inner.artifacts, resolve(folder)) });
    },
  }),
});

function withCopies(inner: ArtifactStore, folder: string): ArtifactStore {
  const copied = async (stored: Promise<ArtifactRef>): Promise<ArtifactRef> => {
    const ref = await stored;
    const copy = join(folder, ref.sha256);
    // Whole or not at all: the name appears when all bytes are there.
    await copyFile(inner.path(ref), `${copy}.part`);
    await rename(`${copy}.part`, copy);
    return ref;
  };
  return bound(inner, {
    put: (name, content) => copied(inner.put(name, content)),
    putTensors: (name, tensors, options) => copied(inner.putTensors(name, tensors, options)),
    ...(inner.putFile && { putFile: (name: string, path: string) => copied(inner.putFile!(name, path)) }),
  });
}

/** The same object with some members replaced; the others keep their `this`. */
function bound<T extends object>(inner: T, changes: Partial<T>): T {
  return new Proxy(inner, {
    get: (target, key) => {
      const value: unknown = Reflect.get(key in changes ? changes : target, key);
      return typeof value === 'function' && !(key in changes) ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The compiler knows the options wherever a config names the plugin. */
declare module 'agentforge' {
  interface KnownPlugins {
    mirrored: OptionsOf<typeof mirrored>;
  }
}

export default mirrored;
