import type { BenchmarkEntry } from './benchmark.js';

/** Benchmarks by name; a module is loaded when its benchmark is run. */
export const BENCHMARKS: readonly BenchmarkEntry[] = [
  {
    name: 'engine',
    summary: 'training steps beside the rate of plain matrix products, and beside tfjs on wasm',
    load: () => import('./engine.js'),
  },
  {
    name: 'evolution',
    summary: 'ways to search for the best merge, under equal evaluations',
    load: () => import('./evolution.js'),
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
];
