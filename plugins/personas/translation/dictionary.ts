/**
 * English words and numbers with their Spanish ones, without those that need accents: a small vocabulary has no tokens for
 * them.
 */
const WORDS = `
  answer respuesta  result resultado  value valor
  0 cero  1 uno  2 dos  3 tres  4 cuatro  5 cinco  6 seis  7 siete  8 ocho  9 nueve  10 diez  11 once  12 doce  13 trece
  14 catorce  15 quince  20 veinte  30 treinta  40 cuarenta  50 cincuenta  60 sesenta  70 setenta  80 ochenta  90 noventa
  100 cien  1000 mil
  true verdadero  false falso  even par  odd impar  unknown desconocido
  red rojo  blue azul  green verde  yellow amarillo  white blanco  black negro  brown pardo  gray gris  pink rosa
  orange naranja  purple morado  silver plata
  teacher maestro  farmer granjero  sailor marinero  pilot piloto  baker panadero  cook cocinero  painter pintor
  singer cantante  writer escritor  tailor sastre  nurse enfermera  judge juez  guard guardia  miner minero
  driver conductor
  apples manzanas  pens plumas  books libros  coins monedas  shells conchas  cards cartas  stamps sellos  buttons botones
  flowers flores  stones piedras  cakes pasteles  eggs huevos  plants plantas  horses caballos  chairs sillas
  tables mesas  boats barcos  clocks relojes
`
  .trim()
  .split(/\s+/);

const DICTIONARY: ReadonlyMap<string, string> = new Map(
  WORDS.flatMap((word, i) => (i % 2 === 0 ? [[word, WORDS[i + 1]!] as const] : [])),
);

/** What a word or number is called in Spanish; undefined: it is not in the dictionary. */
export function inSpanish(word: string): string | undefined {
  return DICTIONARY.get(word.toLowerCase());
}
