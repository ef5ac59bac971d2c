/** Of saying on thoughts and texts what the model said before, beside the loss of the lessons. */
const KEPT_WEIGHT = 1;

/** How lessons are learnt: worked examples, into all weights. */
export const LESSON_METHOD = { use: 'traces', options: { train: 'all', keep: KEPT_WEIGHT } } as const;
