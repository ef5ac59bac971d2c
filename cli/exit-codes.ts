import { ForgeError } from '../core/errors/forge-error.js';

export const EXIT = {
  ok: 0,
  /** The work failed: a phase, a gate, a damaged file. */
  failed: 1,
  /** The request was wrong: command line or configuration. */
  usage: 2,
  /** Stopped by Ctrl-C, after a clean checkpoint where a run was under way. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof ForgeError ? error.exitCode : EXIT.failed;
}
