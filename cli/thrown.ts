/** Whatever was thrown, seen as an error: other realms (workers, sandboxes) have an `Error` class of their own. */
interface ErrorLike {
  readonly message: string;
  readonly stack?: string;
  readonly code?: unknown;
  readonly cause?: unknown;
}

export function isErrorLike(thrown: unknown): thrown is ErrorLike {
  try {
    return (
      typeof thrown === 'object' &&
      thrown !== null &&
      'message' in thrown &&
      typeof thrown.message === 'string'
    );
  } catch {
    // A property may be code, and that code may throw.
    return false;
  }
}

/** The chain of causes, nearest first; a circle ends where it began. */
export function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  let cause = isErrorLike(error) ? error.cause : undefined;
  while (cause !== undefined && cause !== null && !causes.includes(cause)) {
    causes.push(cause);
    cause = isErrorLike(cause) ? cause.cause : undefined;
  }
  return causes;
}
