import { resolve } from 'node:path';

/** A socket that was opened, or a path that was written, made, renamed to or removed. */
export interface Deed {
  readonly kind: 'socket' | 'file';
  readonly what: string;
}

const PATH_CALLS = ['open', 'openat', 'creat', 'mkdir', 'mkdirat', 'rename', 'renameat', 'renameat2'].concat([
  'link',
  'linkat',
  'symlink',
  'symlinkat',
  'unlink',
  'unlinkat',
  'rmdir',
  'truncate',
]);

/** Arguments of strace: every thread and child, file descriptors with their paths, only the calls that matter. */
export const STRACE_ARGUMENTS: readonly string[] = [
  ...['-f', '-qq', '-y', '--seccomp-bpf', '-s', '4096', '-e', 'signal=none'],
  ...['-e', `trace=socket,${PATH_CALLS.join(',')}`],
];

/**
 * Read what strace wrote. A call that another thread interrupts is on two lines, of which the first has the arguments.
 * @param cwd folder that relative paths start at where strace does not say
 */
export function deedsOf(trace: string, cwd: string): Deed[] {
  return trace.split('\n').flatMap((line): Deed[] => {
    const [, call = '', rest = ''] = /^(?:\d+ +)?(\w+)\((.*)$/.exec(line) ?? [];
    if (call === 'socket') return [{ kind: 'socket', what: `socket(${rest}` }];
    if (!PATH_CALLS.includes(call)) return [];
    if ((call === 'open' || call === 'openat') && !/O_(WRONLY|RDWR|CREAT)/.test(rest)) return [];
    const path = lastPath(rest, cwd);
    return path === null ? [] : [{ kind: 'file', what: path }];
  });
}

/** The last path of a call: of two, the one that comes about. Relative ones start at the descriptor before them. */
function lastPath(args: string, cwd: string): string | null {
  const found = [...args.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g)].at(-1);
  return found === undefined ? null : resolve(cwd, found[1] ?? '', found[2] ?? '');
}
