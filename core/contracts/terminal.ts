import { createToken } from './token.js';

/** How much a person wants to see: only trouble, the usual, or everything. */
export type Verbosity = 'quiet' | 'normal' | 'debug';

/** Where text for people goes. The command line provides one; a program that embeds the kernel may provide its own. */
export interface Terminal {
  write(text: string): void;
  /** Whether the cursor can be moved: a live line may be redrawn in place. */
  readonly interactive: boolean;
  readonly colour: boolean;
  /** Width in columns, as it is now; Infinity where lines may be of any length. */
  readonly columns: number;
  readonly verbosity: Verbosity;
}

export const TERMINAL = createToken<Terminal>('terminal');
