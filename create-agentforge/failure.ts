/** What keeps a project from being made, told to the user without a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';

  /**
   * @param exitCode 2: the command line asks for what cannot be; 1: the disk refuses
   * @param fix what to do about it
   */
  constructor(
    message: string,
    readonly exitCode: 1 | 2,
    readonly fix: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

export const usage = (message: string, fix: string): Failure => new Failure(message, 2, fix);
