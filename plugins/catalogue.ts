import type { AnyPluginFactory, OptionsOf } from '../core/contracts/plugin.js';

/** A built-in plugin: known by name and extension point, its module loaded only when it is needed. */
interface Builtin {
  readonly name: string;
  readonly point: string;
  readonly load: () => Promise<AnyPluginFactory>;
}

/** Every plugin of this package, by the name that configs use. */
export const BUILTIN_PLUGINS = [
  { name: 'llama', point: 'architecture', load: async () => (await import('./architectures/index.js')).llama },
  { name: 'titans-mag', point: 'architecture', load: async () => (await import('./architectures/index.js')).titansMag },
  { name: 'prompts', point: 'baking', load: async () => (await import('./baking/index.js')).prompts },
  { name: 'traces', point: 'baking', load: async () => (await import('./baking/index.js')).traces },
  { name: 'choice', point: 'checker', load: async () => (await import('./checkers/index.js')).choice },
  { name: 'exact', point: 'checker', load: async () => (await import('./checkers/index.js')).exact },
  { name: 'number', point: 'checker', load: async () => (await import('./checkers/index.js')).number },
  { name: 'tool-result', point: 'checker', load: async () => (await import('./checkers/index.js')).toolResult },
  { name: 'float16', point: 'compressor', load: async () => (await import('./compressors/index.js')).float16 },
  { name: 'float32', point: 'compressor', load: async () => (await import('./compressors/index.js')).float32 },
  { name: 'int4', point: 'compressor', load: async () => (await import('./compressors/index.js')).int4 },
  { name: 'int8', point: 'compressor', load: async () => (await import('./compressors/index.js')).int8 },
  { name: 'ternary', point: 'compressor', load: async () => (await import('./compressors/index.js')).ternary },
  { name: 'arc', point: 'dataset', load: async () => (await import('./datasets/index.js')).arc },
  { name: 'arithmetic', point: 'dataset', load: async () => (await import('./datasets/index.js')).arithmetic },
  { name: 'brackets', point: 'dataset', load: async () => (await import('./datasets/index.js')).brackets },
  { name: 'chains', point: 'dataset', load: async () => (await import('./datasets/index.js')).chains },
  { name: 'commonsenseqa', point: 'dataset', load: async () => (await import('./datasets/index.js')).commonsenseqa },
  { name: 'gsm8k', point: 'dataset', load: async () => (await import('./datasets/index.js')).gsm8k },
  { name: 'json-lines', point: 'dataset', load: async () => (await import('./datasets/index.js')).jsonLines },
  { name: 'logic', point: 'dataset', load: async () => (await import('./datasets/index.js')).logic },
  { name: 'mbpp', point: 'dataset', load: async () => (await import('./datasets/index.js')).mbpp },
  { name: 'piqa', point: 'dataset', load: async () => (await import('./datasets/index.js')).piqa },
  { name: 'reasoning', point: 'dataset', load: async () => (await import('./datasets/index.js')).reasoning },
  { name: 'recall', point: 'dataset', load: async () => (await import('./datasets/index.js')).recall },
  { name: 'sequences', point: 'dataset', load: async () => (await import('./datasets/index.js')).sequences },
  { name: 'sorting', point: 'dataset', load: async () => (await import('./datasets/index.js')).sorting },
  { name: 'stories', point: 'dataset', load: async () => (await import('./datasets/index.js')).stories },
  { name: 'string-tasks', point: 'dataset', load: async () => (await import('./datasets/index.js')).stringTasks },
  { name: 'svamp', point: 'dataset', load: async () => (await import('./datasets/index.js')).svamp },
  { name: 'text', point: 'dataset', load: async () => (await import('./datasets/index.js')).text },
  { name: 'tinystories', point: 'dataset', load: async () => (await import('./datasets/index.js')).tinystories },
  { name: 'tool-calls', point: 'dataset', load: async () => (await import('./datasets/index.js')).toolCalls },
  { name: 'word-problems', point: 'dataset', load: async () => (await import('./datasets/index.js')).wordProblems },
  { name: 'onnxruntime', point: 'engine', load: async () => (await import('./engines/onnxruntime/index.js')).onnxruntime },
  { name: 'tfjs', point: 'engine', load: async () => (await import('./engines/tfjs/index.js')).tfjs },
  { name: 'accuracy', point: 'fitness', load: async () => (await import('./fitness/index.js')).accuracy },
  { name: 'memory', point: 'fitness', load: async () => (await import('./fitness/index.js')).memory },
  { name: 'perplexity', point: 'fitness', load: async () => (await import('./fitness/index.js')).perplexity },
  { name: 'speed', point: 'fitness', load: async () => (await import('./fitness/index.js')).speed },
  { name: 'arcee-fusion', point: 'merge', load: async () => (await import('./merges/index.js')).arceeFusion },
  { name: 'breadcrumbs', point: 'merge', load: async () => (await import('./merges/index.js')).breadcrumbs },
  { name: 'breadcrumbs-ties', point: 'merge', load: async () => (await import('./merges/index.js')).breadcrumbsTies },
  { name: 'dare', point: 'merge', load: async () => (await import('./merges/index.js')).dare },
  { name: 'dare-linear', point: 'merge', load: async () => (await import('./merges/index.js')).dareLinear },
  { name: 'dare-ties', point: 'merge', load: async () => (await import('./merges/index.js')).dareTies },
  { name: 'della', point: 'merge', load: async () => (await import('./merges/index.js')).della },
  { name: 'della-linear', point: 'merge', load: async () => (await import('./merges/index.js')).dellaLinear },
  { name: 'dfs', point: 'merge', load: async () => (await import('./merges/index.js')).dfs },
  { name: 'franken', point: 'merge', load: async () => (await import('./merges/index.js')).franken },
  { name: 'karcher', point: 'merge', load: async () => (await import('./merges/index.js')).karcher },
  { name: 'linear', point: 'merge', load: async () => (await import('./merges/index.js')).linear },
  { name: 'model-stock', point: 'merge', load: async () => (await import('./merges/index.js')).modelStock },
  { name: 'multislerp', point: 'merge', load: async () => (await import('./merges/index.js')).multislerp },
  { name: 'nearswap', point: 'merge', load: async () => (await import('./merges/index.js')).nearswap },
  { name: 'nuslerp', point: 'merge', load: async () => (await import('./merges/index.js')).nuslerp },
  { name: 'passthrough', point: 'merge', load: async () => (await import('./merges/index.js')).passthrough },
  { name: 'sce', point: 'merge', load: async () => (await import('./merges/index.js')).sce },
  { name: 'slerp', point: 'merge', load: async () => (await import('./merges/index.js')).slerp },
  { name: 'task-arithmetic', point: 'merge', load: async () => (await import('./merges/index.js')).taskArithmetic },
  { name: 'ties', point: 'merge', load: async () => (await import('./merges/index.js')).ties },
  { name: 'bit-flip', point: 'mutation', load: async () => (await import('./mutations/index.js')).bitFlip },
  { name: 'coefficients', point: 'mutation', load: async () => (await import('./mutations/index.js')).coefficients },
  { name: 'recipe', point: 'mutation', load: async () => (await import('./mutations/index.js')).recipe },
  { name: 'weight-noise', point: 'mutation', load: async () => (await import('./mutations/index.js')).weightNoise },
  { name: 'mugrokfast', point: 'optimizer', load: async () => (await import('./optimizers/index.js')).muGrokfast },
  { name: 'adamw', point: 'optimizer', load: async () => (await import('./optimizers/index.js')).adamW },
  { name: 'careful-persona', point: 'persona', load: async () => (await import('./personas/index.js')).carefulPersona },
  { name: 'code-persona', point: 'persona', load: async () => (await import('./personas/index.js')).codePersona },
  { name: 'creative-persona', point: 'persona', load: async () => (await import('./personas/index.js')).creativePersona },
  { name: 'general-persona', point: 'persona', load: async () => (await import('./personas/index.js')).generalPersona },
  { name: 'helpful-persona', point: 'persona', load: async () => (await import('./personas/index.js')).helpfulPersona },
  { name: 'math-persona', point: 'persona', load: async () => (await import('./personas/index.js')).mathPersona },
  { name: 'memory-persona', point: 'persona', load: async () => (await import('./personas/index.js')).memoryPersona },
  { name: 'precise-persona', point: 'persona', load: async () => (await import('./personas/index.js')).precisePersona },
  { name: 'qa-persona', point: 'persona', load: async () => (await import('./personas/index.js')).qaPersona },
  { name: 'reasoning-persona', point: 'persona', load: async () => (await import('./personas/index.js')).reasoningPersona },
  { name: 'summarization-persona', point: 'persona', load: async () => (await import('./personas/index.js')).summarizationPersona },
  { name: 'translation-persona', point: 'persona', load: async () => (await import('./personas/index.js')).translationPersona },
  { name: 'baking', point: 'phase', load: async () => (await import('./phases/baking/index.js')).baking },
  { name: 'cognate', point: 'phase', load: async () => (await import('./phases/cognate/index.js')).cognate },
  { name: 'evomerge', point: 'phase', load: async () => (await import('./phases/evomerge/index.js')).evomerge },
  { name: 'bitnet', point: 'phase', load: async () => (await import('./phases/bitnet/index.js')).bitnet },
  {
    name: 'curriculum',
    point: 'phase',
    load: async () => (await import('./phases/curriculum/index.js')).curriculum,
  },
  { name: 'quietstar', point: 'phase', load: async () => (await import('./phases/quietstar/index.js')).quietstar },
  { name: 'lowdb', point: 'registry', load: async () => (await import('./registries/lowdb/index.js')).lowdb },
  { name: 'console', point: 'sink', load: async () => (await import('./sinks/index.js')).consoleSink },
  { name: 'jsonl', point: 'sink', load: async () => (await import('./sinks/index.js')).jsonl },
  { name: 'files', point: 'storage', load: async () => (await import('./storages/files.js')).files },
  { name: 'arithmetic-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).arithmeticTasks },
  { name: 'boolean-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).booleanTasks },
  { name: 'bracket-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).bracketTasks },
  { name: 'edit-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).editTasks },
  { name: 'list-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).listTasks },
  { name: 'lookup-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).lookupTasks },
  { name: 'openrouter-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).openrouterTasks },
  { name: 'recall-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).recallTasks },
  { name: 'tool-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).toolTasks },
  { name: 'trace-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).traceTasks },
  { name: 'word-problem-tasks', point: 'task-generator', load: async () => (await import('./generators/index.js')).wordProblemTasks },
  { name: 'byte-bpe', point: 'tokenizer', load: async () => (await import('./tokenizers/index.js')).byteBpe },
  { name: 'calculator', point: 'tool', load: async () => (await import('./tools/index.js')).calculator },
  { name: 'code-executor', point: 'tool', load: async () => (await import('./tools/index.js')).codeExecutor },
  { name: 'database-query', point: 'tool', load: async () => (await import('./tools/index.js')).databaseQuery },
  { name: 'file-reader', point: 'tool', load: async () => (await import('./tools/index.js')).fileReader },
  { name: 'search', point: 'tool', load: async () => (await import('./tools/index.js')).search },
] as const satisfies readonly Builtin[];

type Builtins = (typeof BUILTIN_PLUGINS)[number];
type Options<B extends Builtins> = OptionsOf<Awaited<ReturnType<B['load']>>>;

/** Options of the built-in phases, by name. */
export type BuiltinPhases = { [B in Extract<Builtins, { point: 'phase' }> as B['name']]: Options<B> };

/** Options of the other built-in plugins, by name. */
export type BuiltinOptions = { [B in Exclude<Builtins, { point: 'phase' }> as B['name']]: Options<B> };

/** The compiler knows them wherever a config names a phase or a plugin. */
declare module '../core/contracts/known-plugins.js' {
  interface KnownPhases extends BuiltinPhases {}
  interface KnownPlugins extends BuiltinOptions {}
}
