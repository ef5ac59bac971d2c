/** Names of people, short so that they are few tokens. */
export const PEOPLE = wordsOf(`
  Anna Ben Cara Tom Ella Finn Grace Hugo Iris Jack Kate Olaf Mia Noah Olga Rolf Quinn Rosa Sam Kurt Umar Vera Will Lars
`);

/** Countable things, singular and plural. */
export const THINGS: readonly (readonly [one: string, many: string])[] = wordsOf(`
  apple pen book plum card coin shell nail stone egg ticket cap stamp cake button bead
`).map((one) => [one, `${one}s`]);

/** What holds other things, singular and plural. */
export const CONTAINERS: readonly (readonly [one: string, many: string])[] = [
  ['box', 'boxes'],
  ['bag', 'bags'],
  ['jar', 'jars'],
  ['crate', 'crates'],
  ['tray', 'trays'],
  ['basket', 'baskets'],
  ['shelf', 'shelves'],
  ['sack', 'sacks'],
];

/** Short words to change letters of. */
export const SHORT_WORDS = wordsOf(`
  cat dog sun lake fish bird moon reef house water stone cliff bread chair table marsh light night green grove happy small
  large dune music dance paper cocoa plant horse mouse otter lamp door window walrus forest summer winter meadow silver
  orange banana pebble tiger zebra eagle badger castle bridge market harbor
`);

/** "1 apple", "3 apples". */
export function counted(count: number, [one, many]: readonly [one: string, many: string]): string {
  return `${count} ${count === 1 ? one : many}`;
}

function wordsOf(written: string): readonly string[] {
  return written.trim().split(/\s+/);
}
