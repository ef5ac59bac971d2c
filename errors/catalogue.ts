/**
 * Every error a user can meet, by stable code `AF_<AREA>_<REASON>`. Codes are alphabetical, never reused and
 * never renamed; `docs/errors.md` explains each. Exit codes: 1 the work failed, 2 the request was wrong.
 */
export const ERROR_CATALOGUE = {
  AF_ARTIFACT_CORRUPT: { exitCode: 1, summary: 'A stored file does not match its recorded hash.' },
  AF_ARTIFACT_MISSING: { exitCode: 1, summary: 'A stored file is gone.' },
  AF_CHECKPOINT_CORRUPT: { exitCode: 1, summary: 'A checkpoint does not match its recorded hashes.' },
  AF_CONFIG_INVALID: { exitCode: 2, summary: 'The configuration has problems; each is listed.' },
  AF_CONFIG_LOAD: { exitCode: 2, summary: 'The configuration file could not be read or evaluated.' },
  AF_CONFIG_NOT_FOUND: { exitCode: 2, summary: 'No configuration file was found.' },
  AF_DATA_EMPTY: { exitCode: 1, summary: 'A dataset gave no records.' },
  AF_DATA_MALFORMED: { exitCode: 1, summary: 'A dataset file has a line that cannot be read.' },
  AF_DATA_NOT_FOUND: { exitCode: 1, summary: 'A dataset file is missing.' },
  AF_ENGINE_NOT_INSTALLED: { exitCode: 2, summary: 'The chosen compute engine is not installed.' },
  AF_ENGINE_UNSUPPORTED_KERNEL: { exitCode: 1, summary: 'The compute engine has no such kernel.' },
  AF_INTERNAL: { exitCode: 1, summary: 'A defect of agentforge itself.' },
  AF_PAUSED: { exitCode: 1, summary: 'The run was paused at a clean checkpoint.' },
  AF_TRAINING_DIVERGED: { exitCode: 1, summary: 'Training diverged: gradients were not finite several times in a row.' },
  AF_USAGE: { exitCode: 2, summary: 'The command line was wrong.' },
} as const satisfies Record<string, { exitCode: 1 | 2; summary: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
