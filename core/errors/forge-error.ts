import { ERROR_CATALOGUE, type ErrorCode } from './catalogue.js';

/** One thing that is wrong: where, what was expected, what was found, and how to mend it. */
export interface Problem {
  /** Where: a config path (`phases.cognate.maxSteps`), or `file:line`. */
  readonly at: string;
  /** The file or layer that says it (`agentforge.config.ts`, `preset quickstart`, `--set`), when `at` is a config path. */
  readonly source?: string;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
  /** The nearest valid name, when a name was mistyped. */
  readonly suggestion?: string;
  /** What to do about it. */
  readonly fix?: string;
}

export interface ForgeErrorDetails {
  /** Where it happened: a file, a config path, a tensor, a plugin and hook. */
  readonly at?: string;
  /** What to do about it, as an instruction. */
  readonly fix?: string;
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
  /** Structured facts for machines (`--json`). */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** An error meant for the user: a stable code, what happened, where, and what to do. */
export class ForgeError extends Error {
  readonly code: ErrorCode;
  readonly at: string | undefined;
  readonly fix: string | undefined;
  readonly problems: readonly Problem[];
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: ForgeErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ForgeError';
    this.code = code;
    this.at = details.at;
    this.fix = details.fix;
    this.problems = details.problems ?? [];
    this.facts = details.facts ?? {};
  }

  /** Process exit code this error stands for: 1 the work failed, 2 the request was wrong. */
  get exitCode(): 1 | 2 {
    return ERROR_CATALOGUE[this.code].exitCode;
  }
}

/** Whether `error` is a {@link ForgeError}, optionally one with the given code. */
export function isForgeError(error: unknown, code?: ErrorCode): error is ForgeError {
  return error instanceof ForgeError && (code === undefined || error.code === code);
}
