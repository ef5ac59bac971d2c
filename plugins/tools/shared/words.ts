/** Words of the worlds that tools look into: common and short, so that small vocabularies have tokens for them. */
const listOf = (words: string): readonly string[] => words.trim().split(/\s+/);

export const FIRST_NAMES = listOf(`
  Anna Ben Cara David Ella Finn Grace Henry Iris Jack Kate Leo Mia Noah Olga Paul Quinn Rosa Sam Tina Umar Vera Will Yara
  Zoe Amir Bella Carlos Dina Emil
`);

export const LAST_NAMES = listOf(`
  Hill Stone Lake Wood Field Brook Ford Marsh West North Day Frost Snow Rivers Banks Wells Green Brown White Black Gray
  Bell Pike Dale Miller Smith Fisher Hunter Carter Mason Cross Glass Rose Berry Reed Moss Fox Wolf Lamb Swan
`);

export const JOBS = listOf(`
  teacher doctor farmer sailor pilot baker cook painter singer writer tailor nurse judge guard miner driver
`);

export const THINGS = listOf(`
  apples pens books coins shells cards stamps buttons flowers stones pencils cakes eggs lamps plants horses chairs tables
  boats clocks
`);

export const COLOURS = listOf(`red blue green yellow white black brown gray pink orange purple silver`);

export const ADJECTIVES = listOf(`
  small large quick quiet warm cold bright dark old new soft hard round flat long short
`);

export const NOUNS = listOf(`
  apple bread chair lamp river house water table moon star tree bird fish door garden forest bridge castle market school
  letter engine wheel storm
`);

export const TOWNS = listOf(
  `Arvik Dunlow Farrow Hestra Ilmar Kessel Lomond Belmora Cantor Galdin Jorvik Esteron`,
);
