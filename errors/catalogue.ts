/**
 * Every error a user can meet, by stable code `AF_<AREA>_<REASON>`. Codes are alphabetical, never reused and
 * never renamed; `docs/errors.md` explains each. Exit codes: 1 the work failed, 2 the request was wrong.
 */
export const ERROR_CATALOGUE = {
  AF_ARTIFACT_CORRUPT: { exitCode: 1, summary: 'A stored file does not match its recorded hash.' },
  AF_ARTIFACT_MISSING: { exitCode: 1, summary: 'A stored file is gone.' },
  AF_CHECKPOINT_CORRUPT: { exitCode: 1, summary: 'A checkpoint does not match its recorded hashes.' },
  AF_CHECKPOINT_STATE: { exitCode: 1, summary: 'A checkpoint was given state that JSON cannot hold exactly.' },
  AF_CONFIG_INVALID: { exitCode: 2, summary: 'The configuration has problems; each is listed.' },
  AF_CONFIG_LOAD: { exitCode: 2, summary: 'The configuration file could not be read or evaluated.' },
  AF_CONFIG_NOT_FOUND: { exitCode: 2, summary: 'No configuration file was found.' },
  AF_DATA_EMPTY: { exitCode: 1, summary: 'A dataset gave no records.' },
  AF_DATA_MALFORMED: { exitCode: 1, summary: 'A dataset file has a line that cannot be read.' },
  AF_DATA_NOT_FOUND: { exitCode: 1, summary: 'A dataset file is missing.' },
  AF_ENGINE_NOT_INSTALLED: { exitCode: 2, summary: 'The chosen compute engine is not installed.' },
  AF_ENGINE_UNSUPPORTED_KERNEL: { exitCode: 1, summary: 'The compute engine has no such kernel.' },
  AF_INTERNAL: { exitCode: 1, summary: 'A defect of agentforge itself.' },
  AF_MODEL_FOLDER: { exitCode: 1, summary: 'A model folder cannot be read or written.' },
  AF_MODEL_METADATA: { exitCode: 1, summary: 'The metadata of a model does not match its schema.' },
  AF_PAUSED: { exitCode: 1, summary: 'The run was paused at a clean checkpoint.' },
  AF_REGISTRY_CORRUPT: { exitCode: 1, summary: 'The registry and its previous snapshot are both damaged.' },
  AF_REGISTRY_DUPLICATE: { exitCode: 1, summary: 'The registry already holds something else under that id.' },
  AF_REGISTRY_INVALID: { exitCode: 1, summary: 'A record does not match the schema of the registry.' },
  AF_REGISTRY_LOCKED: { exitCode: 1, summary: 'Another process kept the registry locked for too long.' },
  AF_REGISTRY_NOT_FOUND: { exitCode: 2, summary: 'The registry has no such record.' },
  AF_REGISTRY_VERSION: { exitCode: 2, summary: 'The registry was written by a newer agentforge.' },
  AF_SAFETENSORS_DTYPE: { exitCode: 1, summary: 'A tensor has an element type that cannot be converted as asked.' },
  AF_SAFETENSORS_FORMAT: { exitCode: 1, summary: 'A safetensors file is malformed.' },
  AF_SAFETENSORS_NOT_FOUND: { exitCode: 1, summary: 'A safetensors file has no such tensor.' },
  AF_SAFETENSORS_PLAN: { exitCode: 1, summary: 'A safetensors file was written differently from its plan.' },
  AF_SESSION_LOCKED: { exitCode: 1, summary: 'Another process is working on the session.' },
  AF_SESSION_NOT_FOUND: { exitCode: 2, summary: 'There is no such session.' },
  AF_STORAGE_DENIED: { exitCode: 1, summary: 'The storage folder may not be read or written.' },
  AF_STORAGE_FULL: { exitCode: 1, summary: 'The disk is full.' },
  AF_STORAGE_IO: { exitCode: 1, summary: 'Reading or writing a file failed.' },
  AF_STORAGE_NAME: { exitCode: 2, summary: 'A name is not safe to use as a file name.' },
  AF_TRAINING_DIVERGED: { exitCode: 1, summary: 'Training diverged: gradients were not finite several times in a row.' },
  AF_USAGE: { exitCode: 2, summary: 'The command line was wrong.' },
} as const satisfies Record<string, { exitCode: 1 | 2; summary: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
