/** The message of anything that was thrown, errors or not: null, a string, an object that cannot be made into one. */
export function messageOf(thrown: unknown): string {
  try {
    const message =
      typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : thrown;
    const text = String(message);
    return text === '' && thrown instanceof Error ? thrown.name : text;
  } catch {
    // A property may be code, and that code may throw.
    return 'something that has no text was thrown';
  }
}
