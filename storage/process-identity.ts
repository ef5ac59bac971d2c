import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names one process so that another can tell later whether it still lives. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in the kernel's own unit; tells a reused pid apart. Null where the system does not say. */
  readonly start: string | null;
  readonly host: string;
  /** Boot of that host; null where the system does not say. */
  readonly boot: string | null;
  /** Pid namespace: containers on one host have pids of their own. Null where the system does not say. */
  readonly namespace: string | null;
}

/** `elsewhere`: on another host or in another container, where nobody can look from here. */
export type ProcessState = 'alive' | 'dead' | 'elsewhere';

/** The identity of this process. */
export function thisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    start: startTime(process.pid),
    host: hostname(),
    boot: readOrNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: readOrNull(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** Whether a process is still there. A live process is never taken for a dead one. */
export function processState(identity: ProcessIdentity, here: ProcessIdentity = thisProcess()): ProcessState {
  if (identity.host !== here.host) return 'elsewhere';
  if (identity.boot !== here.boot) return 'dead';
  if (identity.namespace !== here.namespace) return 'elsewhere';
  if (!exists(identity.pid)) return 'dead';
  const start = startTime(identity.pid);
  if (start === 'zombie') return 'dead';
  return identity.start === null || start === null || identity.start === start ? 'alive' : 'dead';
}

/** Eight hex digits that stand for where pids are meaningful: host, boot and pid namespace. */
export function pidSpace(identity: ProcessIdentity): string {
  const space = `${identity.host}\n${identity.boot ?? ''}\n${identity.namespace ?? ''}`;
  return createHash('sha256').update(space).digest('hex').slice(0, 8);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/pid/stat: clock ticks since boot. Field 2, the command, may hold spaces and brackets. */
function startTime(pid: number): string | null {
  const stat = readOrNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return 'zombie';
  return fields[19] ?? null;
}

function readOrNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
