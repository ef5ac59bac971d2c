/** Frames of tfjs and of the engine itself say nothing to the author of a function. */
const OWN_FRAME = /node_modules[\\/]|plugins[\\/]engines[\\/]|node:internal|<anonymous>/;

/** Run with stack traces long enough to reach from a kernel back to the function that asked for it. */
export function withDeepStacks<T>(work: () => T): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 200;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = before;
  }
}

/** `file:line:column` of the innermost frame outside tfjs and the engine, if there is one. */
export function callSite(error: unknown): string | undefined {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
  const frame = frames.find((line) => line.trim().startsWith('at ') && !OWN_FRAME.test(line));
  return frame?.match(/\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/)?.[1];
}
