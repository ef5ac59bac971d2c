/** Warnings that a copy of TensorFlow.js gives for everything that a copy loaded before it has registered already. */
const REPEATED =
  /^(The kernel '\S+' for backend '\S+' is already registered|\S+ backend was already registered\. Reusing existing|Platform \S+ has already been set\. Overwriting)/;

/** What the JavaScript backend says on first use; `agentforge doctor` says it with the command for the package. */
const ADVERTISEMENT = /Hi, looks like you are running TensorFlow\.js in Node\.js/;

/** The main file of a copy of TensorFlow.js; the folder before it is where the copy lies. */
const CORE = /^(.*)[\\/]@tensorflow[\\/]tfjs-core[\\/]dist[\\/]tf-core\.node\.js$/;

/**
 * TensorFlow.js keeps its engine and its kernels in one place of the process, also when there are two copies of it, as
 * when a plugin brings its own. The later one then warns hundreds of times; here it is told once, with the place of
 * the copies. All other warnings pass.
 *
 * @param tell hears of a second copy, once
 * @returns how to give the console back as it was
 */
export function quietTensorflowCopies(
  tell: (message: string) => void,
  target: Pick<Console, 'warn'> = console,
): () => void {
  const original = target.warn;
  let told = false;
  const warn = (...values: unknown[]): void => {
    const text = process.getBuiltinModule('node:util').format(...values);
    if (ADVERTISEMENT.test(text)) return;
    const copies = REPEATED.test(text) ? loadedCopies() : [];
    if (copies.length < 2) {
      original.apply(target, values);
      return;
    }
    if (!told) tell(messageFor(copies));
    told = true;
  };
  target.warn = warn;
  return () => {
    // Somebody else may have put theirs on top.
    if (target.warn === warn) target.warn = original;
  };
}

/** Folders of the copies that are loaded in this process. */
function loadedCopies(): readonly string[] {
  return Object.keys(process.getBuiltinModule('node:module').createRequire(import.meta.url).cache).flatMap(
    (file) => CORE.exec(file)?.[1] ?? [],
  );
}

function messageFor(copies: readonly string[]): string {
  return (
    `TensorFlow.js is loaded ${copies.length} times, from ${copies.join(' and ')}. ` +
    "The copies share one engine and replace each other's kernels. A plugin must not bring a copy of its own: name " +
    '@tensorflow/tfjs under `peerDependencies` in its package.json, and remove the copy from its node_modules.'
  );
}
