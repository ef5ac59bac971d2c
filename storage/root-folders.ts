import { join } from 'node:path';

/** What lies where below a storage root. */
export interface StorageFolders {
  readonly artifacts: string;
  readonly sessions: string;
  readonly registry: string;
}

/** Folders of a storage root. */
export function storageFolders(root: string): StorageFolders {
  return {
    artifacts: join(root, 'artifacts'),
    sessions: join(root, 'sessions'),
    registry: join(root, 'registry'),
  };
}
