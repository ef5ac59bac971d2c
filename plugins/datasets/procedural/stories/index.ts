import { defineGenerated } from '../generated.js';
import { tell } from './story.js';

/** Short stories for the language part of a corpus: sixteen plots, a consistent cast, thousands of wordings. */
export const stories = defineGenerated({
  name: 'stories',
  description: 'Generated short stories with a consistent cast, for learning language',
  category: 'language',
  count: 4000,
  options: {},
  make: (draw) => {
    const { text, plot } = tell(draw);
    return { text, metadata: { plot } };
  },
});
