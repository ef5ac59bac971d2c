import { ForgeError } from '../../core/errors/index.js';

/** What is refused, and where. */
export type Refuse = (reason: string, part?: string, cause?: unknown) => never;

/** Refuses a packed file. @param file what messages call it */
export function refusalOf(file: string): Refuse {
  return (reason, part, cause) => {
    const where = part === undefined ? '' : `${quote(part)}: `;
    throw new ForgeError('AF_PACKED_FORMAT', `Not a valid packed model: ${where}${reason}.`, {
      at: file,
      fix: 'Get the file again from where it came from; it is damaged or was not written by agentforge.',
      facts: part === undefined ? {} : { part },
      cause,
    });
  };
}

/** A value for a message, cut short: a hostile header must not fill the terminal. */
export function quote(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
