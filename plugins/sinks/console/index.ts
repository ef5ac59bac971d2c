import { Type } from '@sinclair/typebox';
import { defineSink } from '../../../core/contracts/sink.js';
import { withDefault } from '../../../core/contracts/options.js';
import { TERMINAL } from '../../../core/contracts/terminal.js';
import { terminalOf } from './terminal/index.js';
import { createConsoleSink } from './console-sink.js';

const ConsoleOptions = Type.Object(
  {
    /** Seconds between progress lines when the output is not a terminal. */
    interval: withDefault(
      Type.Number({ minimum: 0, description: 'seconds between progress lines when piped' }),
      5,
    ),
    /** Least milliseconds between two redraws of the live line. */
    redraw: withDefault(Type.Number({ minimum: 0, description: 'least milliseconds between redraws' }), 100),
    samples: withDefault(Type.Boolean({ description: 'print samples of generated text' }), true),
  },
  { additionalProperties: false },
);

/**
 * Progress, gates, samples, models and trouble for people. On a terminal one live line is redrawn below them; when
 * piped, a plain line appears every few seconds. Writes to the command line's terminal, or to stdout without one.
 */
export const consoleSink = defineSink({
  name: 'console',
  description: 'Live progress, gates, samples and warnings for people.',
  options: ConsoleOptions,
  create: (options, forge) => {
    const provided = forge.names(TERMINAL).length > 0;
    const terminal = provided ? forge.resolve(TERMINAL) : terminalOf(process.stdout, process.env);
    return createConsoleSink(terminal, options);
  },
});

export { createConsoleSink } from './console-sink.js';
