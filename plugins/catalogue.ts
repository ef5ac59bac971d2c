import type { AnyPluginFactory } from '../contracts/plugin.js';

/** A built-in plugin: known by name and extension point, its module loaded only when it is needed. */
interface Builtin {
  readonly name: string;
  readonly point: string;
  readonly load: () => Promise<AnyPluginFactory>;
}

/** Every plugin of this package, by the name that configs use. */
export const BUILTIN_PLUGINS: readonly Builtin[] = [
  { name: 'titans-mag', point: 'architecture', load: async () => (await import('./models/index.js')).titansMag },
  { name: 'arithmetic', point: 'dataset', load: async () => (await import('./datasets/procedural/arithmetic.js')).arithmetic },
  { name: 'onnxruntime', point: 'engine', load: async () => (await import('./engines/onnxruntime/index.js')).onnxruntime },
  { name: 'tfjs', point: 'engine', load: async () => (await import('./engines/tfjs/index.js')).tfjs },
  { name: 'mugrokfast', point: 'optimizer', load: async () => (await import('./optimizers/index.js')).muGrokfast },
  { name: 'adamw', point: 'optimizer', load: async () => (await import('./optimizers/index.js')).adamW },
  { name: 'cognate', point: 'phase', load: async () => (await import('./phases/cognate/index.js')).cognate },
  { name: 'lowdb', point: 'registry', load: async () => (await import('./registries/lowdb/index.js')).lowdb },
  { name: 'console', point: 'sink', load: async () => (await import('./sinks/index.js')).consoleSink },
  { name: 'jsonl', point: 'sink', load: async () => (await import('./sinks/index.js')).jsonl },
  { name: 'files', point: 'storage', load: async () => (await import('./storage/files.js')).files },
  { name: 'byte-bpe', point: 'tokenizer', load: async () => (await import('./tokenizers/index.js')).byteBpe },
];
