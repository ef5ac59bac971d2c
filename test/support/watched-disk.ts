import type { FileSystem } from '../../storage/index.js';
import { faultyDisk } from '../../testing/faulty-disk.js';

/** A disk that knows which files are open and how many calls are being carried out. */
export interface WatchedDisk {
  readonly files: FileSystem;
  /** Paths of open files, each as often as it is open. */
  open(): string[];
  /** Calls that have not come back. */
  busy(): number;
}

export function watchedDisk(disk?: FileSystem): WatchedDisk {
  const open: string[] = [];
  let busy = 0;
  const files = faultyDisk(
    {
      carryOut: async ({ operation, path }, work) => {
        busy++;
        try {
          const result = await work();
          if (operation === 'open') open.push(path);
          return result;
        } finally {
          busy--;
          if (operation === 'close') open.splice(open.indexOf(path), 1);
        }
      },
    },
    disk,
  );
  return { files, open: () => [...open], busy: () => busy };
}
