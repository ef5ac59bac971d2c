import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { definePlugin, type PluginFactory } from './plugin.js';
import type { NoOptions, OptionsOutput } from './options.js';
import { createToken } from './token.js';

/** The project that a command works with; `agentforge` makes of it what `openProject` gives. */
export interface CommandProject {}

/** Where a command writes. */
export interface CommandIo {
  /** Text for people, on standard output; with `--json` on standard error, so that the document stands alone. */
  write(text: string): void;
  /** Text on standard error. */
  error(text: string): void;
  /** The document that `--json` prints; the last one counts. Without `--json` it is not printed. */
  json(document: unknown): void;
  /** Columns of the terminal; Infinity where lines may be of any length. */
  readonly columns: number;
}

/** 0 it went well, 1 the work failed, 2 the request was wrong. */
export type CommandExit = 0 | 1 | 2;

/** What a command has at hand while it runs. */
export interface CommandContext<F = Readonly<Record<string, unknown>>> {
  /** The opened project: models, runs, merges. It is disposed when the command has ended. */
  readonly project: CommandProject;
  /** What the command line says, checked against the schema, defaults filled in. */
  readonly flags: F;
  /** Arguments that are no flags. */
  readonly args: readonly string[];
  readonly io: CommandIo;
  /** Aborted when the person presses Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A sub-command of `agentforge`. */
export interface Command {
  /** One line for `agentforge --help`. */
  readonly summary: string;
  /** Its arguments as commander writes them: `<file>`, `[model]`, `[models...]`; none when absent. */
  readonly usage?: string;
  /** JSON Schema of an object, a flag for each property: `maxTokens` is `--max-tokens <number>`, a boolean is a switch. */
  readonly flags: TSchema;
  /** @returns the exit code; nothing for 0 */
  run(context: CommandContext): Promise<CommandExit | undefined>;
}

export const COMMAND = createToken<Command>('command', {
  summary: 'text',
  flags: 'schema',
  run: 'function',
});

/** What {@link defineCommand} takes. */
export interface CommandDefinition<F extends TObject, S extends TSchema> {
  /** What people type after `agentforge`. */
  readonly name: string;
  /** One line for `agentforge --help` and for `agentforge plugins`. */
  readonly description: string;
  readonly version?: string;
  readonly usage?: string;
  /** TypeBox schema of its flags; leave out for a command without any. */
  readonly flags?: F;
  /** Schema of the plugin's options, which the config sets. */
  readonly options?: S;
  run(context: CommandContext<Static<F>>, options: OptionsOutput<S>): Promise<CommandExit | undefined>;
}

/** Define a sub-command: a plugin that a config lists makes `agentforge <name>` of it. */
export function defineCommand<F extends TObject = typeof NoOptions, S extends TSchema = typeof NoOptions>(
  definition: CommandDefinition<F, S>,
): PluginFactory<S> {
  const { name, description, version, usage, flags = NO_FLAGS, options } = definition;
  return definePlugin<S>({
    name,
    description,
    version,
    options,
    provides: [COMMAND.id],
    apply: (forge, given) =>
      forge.provide(COMMAND, name, () => ({
        summary: description,
        usage,
        flags,
        run: (context) => definition.run(context as CommandContext<Static<F>>, given),
      })),
  });
}

const NO_FLAGS = { type: 'object', properties: {}, additionalProperties: false } as unknown as TSchema;
