import type { BenchmarkEntry } from './benchmark.js';

/** Benchmarks by name; a module is loaded when its benchmark is run. */
export const BENCHMARKS: readonly BenchmarkEntry[] = [];
