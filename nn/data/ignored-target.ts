/** Target of a position that does not count in the loss. */
export const IGNORED_TARGET = -100;
