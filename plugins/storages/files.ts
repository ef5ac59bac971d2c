import { defineStorage } from '../../core/contracts/storage.js';

/** Everything in plain files below the storage root: artifacts by content, one folder per session. */
export const files = defineStorage({
  name: 'files',
  description: 'Artifacts, checkpoints and sessions as files below the storage root',
  create: (_options, forge) => ({
    open: async (root) => {
      const { openFilesStorage } = await import('../../storage/files-storage.js');
      return openFilesStorage(root, { onWarning: (message, facts) => forge.log.warn(message, facts) });
    },
  }),
});
