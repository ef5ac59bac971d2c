import type { BenchmarkEntry } from './benchmark.js';

/** Benchmarks by name; a module is loaded when its benchmark is run. */
export const BENCHMARKS: readonly BenchmarkEntry[] = [
  {
    name: 'decode',
    summary: 'tokens written per second with carried state, beside reading the window again for every token',
    takesModel: true,
    load: async (request) => {
      const { run } = await import('./decode.js');
      return { run: (say) => run(say, request) };
    },
  },
  {
    name: 'engine',
    summary: 'training steps beside the rate of plain matrix products, and beside tfjs on wasm',
    load: () => import('./engine.js'),
  },
  {
    name: 'engine-webgpu',
    summary: 'the same on a GPU through WebGPU, with the bytes a step copies to and from it',
    load: async () => {
      const { run } = await import('./engine.js');
      return { run: (say) => run(say, { executionProvider: 'webgpu' }) };
    },
  },
  {
    name: 'evolution',
    summary: 'ways to search for the best merge, under equal evaluations',
    load: () => import('./evolution.js'),
  },
  {
    name: 'grokfast',
    summary: 'how much sooner a toy generalises with the Grokfast filter, at equal and at tuned weight decay',
    hasFullForm: true,
    load: async ({ cwd, full = false }) => {
      const { optionsOf, run } = await import('./grokfast.js');
      return { run: (say) => run(say, optionsOf(process.env, { cwd, full })) };
    },
  },
  {
    name: 'learning',
    summary: 'held-out loss against tokens and seconds, for variants of the quickstart under equal updates',
    load: () => import('./learning.js'),
  },
  {
    name: 'merge',
    summary: 'checkpoints merged per second by each technique, in how much memory',
    load: () => import('./merge.js'),
  },
  {
    name: 'overhead',
    summary: 'what kernel, hooks and sinks cost beside the training they surround',
    load: () => import('./overhead.js'),
  },
  {
    name: 'startup',
    summary: 'how long commands that only look take to start, beside Node itself',
    load: () => import('./startup.js'),
  },
  {
    name: 'ternary',
    summary:
      'models that multiply with ternary codes beside the same in float32: tokens per second and bytes',
    load: () => import('./ternary.js'),
  },
];
