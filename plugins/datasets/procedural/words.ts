/** Names for people in generated problems. */
export const PEOPLE: readonly string[] = listOf(`
  Anna Ben Cara David Ella Finn Grace Henry Iris Jack Kate Leo Mia Noah Olga Paul Quinn Rosa Sam
  Tina Umar Vera Will Yara Zoe Amir Bella Carlos Dina Emil
`);

/** Countable things, singular and plural. */
export const THINGS: readonly (readonly [one: string, many: string])[] = [
  ['apple', 'apples'],
  ['pen', 'pens'],
  ['book', 'books'],
  ['marble', 'marbles'],
  ['sticker', 'stickers'],
  ['coin', 'coins'],
  ['shell', 'shells'],
  ['cookie', 'cookies'],
  ['card', 'cards'],
  ['balloon', 'balloons'],
  ['stamp', 'stamps'],
  ['button', 'buttons'],
  ['flower', 'flowers'],
  ['orange', 'oranges'],
  ['stone', 'stones'],
  ['pencil', 'pencils'],
  ['ribbon', 'ribbons'],
  ['cake', 'cakes'],
  ['egg', 'eggs'],
  ['ticket', 'tickets'],
];

/** Things that hold other things, singular and plural. */
export const CONTAINERS: readonly (readonly [one: string, many: string])[] = [
  ['box', 'boxes'],
  ['bag', 'bags'],
  ['basket', 'baskets'],
  ['jar', 'jars'],
  ['shelf', 'shelves'],
  ['tray', 'trays'],
  ['drawer', 'drawers'],
  ['table', 'tables'],
];

/** Short words for tasks on letters. */
export const SHORT_WORDS: readonly string[] = listOf(`
  cat dog sun tree fish bird moon star house water river stone apple bread chair table light night
  green brown happy small large quick quiet music dance paper plant horse mouse sheep goat lamp
  door window garden forest summer winter spring autumn yellow purple silver orange banana cherry
  lemon melon carrot pepper tiger zebra eagle rabbit monkey dragon castle bridge market school
  teacher friend family mother father sister brother doctor farmer sailor pilot baker level noon
  radar civic kayak refer story pencil letter number planet rocket engine wheel metal glass wood
  cloud storm
`);

/** "1 apple", "3 apples". */
export function counted(count: number, [one, many]: readonly [one: string, many: string]): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Items of a written list: parted by commas where there are any, by white space otherwise. */
export function listOf(written: string): readonly string[] {
  const items = written.includes(',') ? written.split(',') : written.split(/\s+/);
  return items.map((item) => item.trim().replace(/\s+/g, ' ')).filter((item) => item !== '');
}
