import { hasConfig } from '../../core/config/search-places.js';
import { isForgeError, type ForgeError } from '../../core/errors/forge-error.js';
import { messageOf } from '../../core/errors/message-of.js';
import type { CliCommand, CommandContext } from '../command.js';

/** A line of `--help`. */
export interface CommandLine {
  readonly name: string;
  readonly summary: string;
}

/** A command of a plugin, and the kernel that brought it. */
export interface PluginCommand {
  readonly summary: string;
  readonly command: CliCommand;
  /** Let the kernel go; harmless when repeated. */
  dispose(): Promise<void>;
}

/** Flags that name a config where none would be found. */
const NAMES_CONFIG = /^(-c|--config|-p|--preset)(=|$)/;

/**
 * Commands that plugins of the project bring. The config is loaded only where there is one, and only when somebody asks
 * for help or for a command that agentforge does not have itself.
 */
export class PluginCommands {
  /** Why the config could not be loaded, when it could not. */
  trouble: ForgeError | null = null;
  private found: PluginCommand | null = null;

  constructor(
    private readonly argv: readonly string[],
    private readonly context: CommandContext,
  ) {}

  async find(name: string): Promise<PluginCommand | null> {
    if (!this.hasConfig && !this.argv.some((word) => NAMES_CONFIG.test(word))) return null;
    const { findPluginCommand } = await import('./index.js');
    this.found = await this.tried(() => findPluginCommand(name, this.argv, this.context), null);
    return this.found;
  }

  /** What `--help` says of them. */
  async help(): Promise<string> {
    if (!this.hasConfig) return 'Plugins may bring commands: where a config lists them, they are shown here.';
    const { listPluginCommands } = await import('./index.js');
    const commands = await this.tried(() => listPluginCommands(this.context), []);
    if (this.trouble !== null) return `Commands of plugins are not shown: ${this.trouble.message}`;
    if (commands.length === 0) return 'The plugins of the config bring no commands.';
    const width = Math.max(...commands.map(({ name }) => name.length));
    const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
    return ['Commands of plugins:', ...lines].join('\n');
  }

  /** Let go of what was found. What goes wrong then changes neither what was done nor how it is told. */
  async dispose(): Promise<void> {
    await this.found?.dispose().catch((error: unknown) => {
      this.context.io.stderr.write(`warning ${messageOf(error)}\n`);
    });
  }

  private get hasConfig(): boolean {
    return hasConfig(this.context.io.cwd);
  }

  private async tried<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isForgeError(error)) throw error;
      this.trouble = error;
      return otherwise;
    }
  }
}
