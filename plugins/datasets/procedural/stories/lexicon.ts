import { listOf } from '../words.js';

/** Who and what stories are about. */

export const GIRLS: readonly string[] = listOf(`
  Lily Anna Mia Ella Rosie Sara Lucy Nora Emma Ruby Molly Amy Clara Daisy Ivy Zoe Hana Maya Tess
  Juna
`);

export const BOYS: readonly string[] = listOf(`
  Tim Ben Max Sam Leo Tom Jack Finn Oscar Noah Eli Hugo Omar Theo Luke Adam Milo Kai Peter Ravi
`);

export const ANIMAL_NAMES: readonly string[] = listOf(`
  Pip Bramble Coco Nibbles Poppy Socks Hazel Button Fern Biscuit Pebble Clover Moss Willow Patch
  Ginger Dusty Puddle Acorn Bubbles
`);

export const ANIMALS: readonly string[] = listOf(`
  rabbit fox bear mouse duck kitten puppy frog squirrel hedgehog owl turtle pig elephant goat
  dragon
`);

export const TRAITS: readonly string[] = listOf(`
  kind curious brave shy clever cheerful quiet silly careful lively gentle proud stubborn sleepy
  polite busy
`);

export const ELDERS: readonly (readonly [name: string, he: string, his: string])[] = [
  ['Mom', 'she', 'her'],
  ['Dad', 'he', 'his'],
  ['Grandma', 'she', 'her'],
  ['Grandpa', 'he', 'his'],
  ['Aunt May', 'she', 'her'],
  ['Uncle Bob', 'he', 'his'],
];

export const COLORS: readonly string[] = listOf(`
  red blue green yellow orange purple white golden pink silver brown striped
`);

export const TOYS: readonly string[] = listOf(`
  ball, doll, kite, teddy bear, toy car, toy boat, drum, train, puzzle, wooden horse, balloon,
  bucket, whistle, robot, flute, truck, lantern, hat, scarf, blanket, bell, paper plane
`);

export const PLACES: readonly string[] = listOf(`
  park forest garden meadow field farm village orchard valley playground
`);

export const WATERS: readonly string[] = listOf(`
  river lake pond sea stream
`);

export const FOODS: readonly string[] = listOf(`
  apple pie, soup, bread, chocolate cake, honey cake, berry jam, pizza, carrot cake, lemon pie,
  pancakes, cheese sandwiches, cookies
`);

export const SNACKS: readonly string[] = listOf(`
  apple, pear, sandwich, cookie, banana, muffin, plum, slice of cake, honey bun, carrot
`);

export const YOUNG_ANIMALS: readonly string[] = listOf(`
  kitten bird lamb duckling squirrel puppy hedgehog calf chick turtle bunny fawn
`);

export const PLANTS: readonly string[] = listOf(`
  sunflower, pumpkin, tomato plant, apple tree, rose bush, bean plant, strawberry plant, tulip,
  cherry tree
`);

export const TREASURES: readonly string[] = listOf(`
  key, coin, ring, map, shell, stone, feather, letter, button, bottle, crown, music box
`);

export const SKILLS: readonly string[] = listOf(`
  swim, ride a bike, whistle, skate, dance, draw a horse, tie a knot, climb a tree, play the
  flute, juggle, sing a high note, jump rope
`);

export const FEARS: readonly string[] = listOf(`
  the dark, thunder, deep water, the big slide, spiders, loud noises, the old bridge, high places
`);
