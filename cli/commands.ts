import type { CliCommand } from './command.js';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CliCommand>;
}

/** Every sub-command, in the order of `--help`. A module is loaded only when its command is called. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'run the configured pipeline, or one phase of it',
    load: async () => (await import('./commands/run.js')).command,
  },
  {
    name: 'init',
    summary: 'write a config file to start from',
    load: async () => (await import('./commands/init.js')).command,
  },
  {
    name: 'generate',
    summary: 'continue a text with a trained model',
    load: async () => (await import('./commands/generate.js')).command,
  },
  {
    name: 'chat',
    summary: 'talk to a trained model, with its tools and personas',
    load: async () => (await import('./commands/chat.js')).command,
  },
  {
    name: 'evaluate',
    summary: 'measure a model: held-out loss, bits per byte, right answers',
    load: async () => (await import('./commands/evaluate.js')).command,
  },
  {
    name: 'merge',
    summary: 'merge checkpoints by a recipe, without the pipeline',
    load: async () => (await import('./commands/merge.js')).command,
  },
  {
    name: 'export',
    summary: 'write a model as a folder that stands alone',
    load: async () => (await import('./commands/export.js')).command,
  },
  {
    name: 'status',
    summary: 'list sessions, or the phases of one',
    load: async () => (await import('./commands/status.js')).command,
  },
  {
    name: 'models',
    summary: 'list models, or show one with its lineage, metrics and files',
    load: async () => (await import('./commands/models.js')).command,
  },
  {
    name: 'phases',
    summary: 'list the phases there are and where they stand in the pipeline',
    load: async () => (await import('./commands/phases.js')).command,
  },
  {
    name: 'plugins',
    summary: 'list plugins by extension point, or the options of one',
    load: async () => (await import('./commands/plugins.js')).command,
  },
  {
    name: 'config',
    summary: 'show, explain or validate the configuration',
    load: async () => (await import('./commands/config.js')).command,
  },
  {
    name: 'doctor',
    summary: 'say what this machine has and what is missing',
    load: async () => (await import('./commands/doctor.js')).command,
  },
  {
    name: 'bench',
    summary: 'run a benchmark',
    load: async () => (await import('./commands/bench.js')).command,
  },
  {
    name: 'clean',
    summary: 'remove old sessions and what only they use',
    load: async () => (await import('./commands/clean.js')).command,
  },
  {
    name: 'pin',
    summary: 'keep a session and its models, whatever is cleaned up',
    load: async () => (await import('./commands/pin.js')).pin,
  },
  {
    name: 'unpin',
    summary: 'let a pinned session go again',
    load: async () => (await import('./commands/pin.js')).unpin,
  },
  {
    name: 'rollback',
    summary: 'take a session back to the end of an earlier phase',
    load: async () => (await import('./commands/rollback.js')).command,
  },
  {
    name: 'graph',
    summary: 'draw the configured pipeline as a GraphViz graph',
    load: async () => (await import('./commands/graph.js')).command,
  },
];
