import { Type } from '@sinclair/typebox';
import { defineStorage } from '../../core/contracts/storage.js';
import { withDefault } from '../../core/contracts/options.js';

/** Everything in plain files below the storage root: artifacts by content, one folder per session. */
export const files = defineStorage({
  name: 'files',
  description: 'Artifacts, checkpoints and sessions as files below the storage root',
  options: Type.Object(
    {
      keepCheckpoints: withDefault(
        Type.Integer({ minimum: 1, description: 'Checkpoints kept per phase when the phase does not say' }),
        5,
      ),
    },
    { additionalProperties: false },
  ),
  create: ({ keepCheckpoints }, forge) => ({
    open: async (root) => {
      const { openFilesStorage } = await import('../../storage/files-storage.js');
      return openFilesStorage(root, {
        keepCheckpoints,
        onWarning: (message, facts) => forge.log.warn(message, facts),
      });
    },
  }),
});
