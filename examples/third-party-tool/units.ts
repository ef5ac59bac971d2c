import { defineTool, toolNameTag, Type, withDefault } from 'agentforge';

const TAG = toolNameTag('units');

/** Metres per unit. */
const LENGTHS: ReadonlyMap<string, number> = new Map([
  ['mm', 0.001],
  ['cm', 0.01],
  ['m', 1],
  ['km', 1000],
]);
const NAMES = [...LENGTHS.keys()];

/** A tool that turns lengths into other units: "250 cm in m" gives "2.5". */
export const units = defineTool({
  name: 'units',
  description: 'Lengths in other units: 250 cm in m',
  options: Type.Object(
    { digits: withDefault(Type.Integer({ minimum: 1, maximum: 15, description: 'Of a result.' }), 6) },
    { additionalProperties: false },
  ),
  create: ({ digits }) => ({
    manual: {
      wordings: [
        `${TAG} converts lengths, like 250 cm in m.`,
        `To change units call ${TAG} with both units.`,
      ],
      heldOut: [`Lengths are converted by ${TAG}.`],
      short: `${TAG}: lengths`,
    },
    run: (args, { characters }) => {
      const match = /^ *(\d{1,9}(?:\.\d{1,9})?) *([a-z]{1,2}) in ([a-z]{1,2}) *$/.exec(args);
      if (match === null) return { ok: false, failure: 'syntax', message: 'no "<number> <unit> in <unit>"' };
      const [from, to] = [LENGTHS.get(match[2]!), LENGTHS.get(match[3]!)];
      if (from === undefined || to === undefined)
        return { ok: false, failure: 'not-found', message: `units are ${NAMES.join(', ')}` };
      const text = String(Number(((Number(match[1]) * from) / to).toPrecision(digits)));
      return text.length <= characters
        ? { ok: true, text }
        : { ok: true, text: text.slice(0, characters), cut: true };
    },
    ask: (random, difficulty, side) => {
      // Odd numbers are learnt, even ones held out; harder ones are larger.
      const number = 2 * (1 + random.integer(10 * difficulty)) + (side === 'train' ? 1 : 0);
      const [from, to] = [NAMES[random.integer(4)]!, NAMES[random.integer(4)]!];
      const args = `${number} ${from} in ${to}`;
      return { args, question: side === 'train' ? `How much is ${args}?` : `Please convert ${args}.` };
    },
  }),
});

export default units;
