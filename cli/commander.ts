import { createRequire } from 'node:module';

/**
 * commander, required: an `import` of its CommonJS would first be searched for its exports, character by character,
 * which takes a tenth of the time that `agentforge --help` has.
 */
export const { Command, CommanderError, InvalidArgumentError, Option } = createRequire(import.meta.url)(
  'commander',
) as typeof import('commander');

export type Command = import('commander').Command;
export type Option = import('commander').Option;
export type CommanderError = import('commander').CommanderError;
