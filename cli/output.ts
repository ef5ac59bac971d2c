import type { TextStream } from '../plugins/sinks/console/terminal/index.js';

/** A stream of this process that survives a full disk and a reader that goes away: text is dropped from then on. */
export interface Output {
  readonly stream: TextStream;
  /** When everything so far was taken: why it was not all, or null. A reader that has seen enough is no failure. */
  settle(): Promise<Error | null>;
}

/** @param onFailure hears once, when text is lost for the first time */
export function outputOf(stream: NodeJS.WriteStream, onFailure: (error: Error) => void): Output {
  let open = true;
  let failure: Error | null = null;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!open) return;
    open = false;
    // `agentforge models | head -1`: the reader has seen enough.
    if (error.code === 'EPIPE') return;
    failure = error;
    onFailure(error);
  });
  return {
    stream: {
      write: (text) => open && stream.write(text),
      get isTTY() {
        return stream.isTTY;
      },
      get columns() {
        return stream.columns;
      },
    },
    settle: async () => {
      if (open) await new Promise<void>((taken) => stream.write('', () => taken()));
      // Streams tell of errors a moment after they call back.
      await new Promise((next) => setImmediate(next));
      return failure;
    },
  };
}
