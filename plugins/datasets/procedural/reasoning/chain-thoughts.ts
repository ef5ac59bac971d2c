import type { Operation } from '../chains.js';
import type { Draw } from '../../../../nn/random/index.js';
import { applied, valuesOf, type Chain } from './chain.js';
import type { Thought } from './problem.js';

/** `<step>3+4=7<step>7*2=14`: one operation after the other. */
export function stepwise(chain: Chain): readonly Thought[] {
  return claimsOf(chain).map((claim): Thought => ['<step>', claim]);
}

/** The equations of {@link stepwise}, modulo the modulus. */
export function claimsOf(chain: Chain): readonly string[] {
  const values = valuesOf(chain);
  return chain.operations.map(({ sign, by }, place) => `${values[place]}${sign}${by}=${values[place + 1]}`);
}

/** `... <doubt>9-2=7<step>9`: the last operation, + or -, taken back. */
export function doubted(chain: Chain): readonly Thought[] {
  const [before, answer] = valuesOf(chain).slice(-2) as [number, number];
  const { sign, by } = inverse(chain.operations.at(-1)!);
  return [...stepwise(chain), ['<doubt>', `${answer}${sign}${by}=${before}`], ['<step>', answer]];
}

/** `... <falsify>8-2=6!=7<step>7+2=9`: for 8, the last operation taken back gives another number than there was. */
export function falsified(draw: Draw, chain: Chain): readonly Thought[] {
  const { modulus } = chain;
  const [before, answer] = valuesOf(chain).slice(-2) as [number, number];
  const back = inverse(chain.operations.at(-1)!);
  const possible = [answer + 1, answer + 2, answer - 1, answer - 2]
    .map((near) => (modulus === null ? near : (near + modulus) % modulus))
    .filter((near) => near >= 0 && near !== answer && (modulus !== null || applied(near, back, null) >= 0));
  const candidate = draw.pick(possible);
  const found = applied(candidate, back, modulus);
  const steps = stepwise(chain);
  const contradiction = `${candidate}${back.sign}${back.by}=${found}!=${before}`;
  return [...steps.slice(0, -1), ['<falsify>', contradiction], steps.at(-1)!];
}

/** `<mece>3+5=8<mece>4+1=5<step>8-5=3`: all that is added, all that is taken away, and the difference. */
export function decomposed({ start, operations, modulus }: Chain): readonly Thought[] {
  const amounts = (sign: string): number[] =>
    operations.flatMap((one) => (one.sign === sign ? [one.by] : []));
  const gains = summed([start, ...amounts('+')], modulus);
  const losses = summed(amounts('-'), modulus);
  const rest = applied(gains.sum, { sign: '-', by: losses.sum }, modulus);
  return [
    ['<mece>', gains.text],
    ['<mece>', losses.text],
    ['<step>', `${gains.sum}-${losses.sum}=${rest}`],
  ];
}

/** "3+5=8,8+2=10"; a single number stands alone. */
function summed(
  numbers: readonly number[],
  modulus: number | null,
): { readonly sum: number; readonly text: string } {
  const [start, ...rest] = numbers as [number, ...number[]];
  const chain: Chain = { start, operations: rest.map((by) => ({ sign: '+', by })), modulus };
  return {
    sum: valuesOf(chain).at(-1)!,
    text: rest.length === 0 ? String(start) : claimsOf(chain).join(','),
  };
}

/** `<expert>mod last<step>8+7=15<step>15+9=24<step>24%10=4`: remainders may be taken once, at the end. */
export function reducedOnce(chain: Chain): readonly Thought[] {
  const plain: Chain = { ...chain, modulus: null };
  const value = valuesOf(plain).at(-1)!;
  const remainder = value % chain.modulus!;
  return [['<expert>', 'mod last'], ...stepwise(plain), ['<step>', `${value}%${chain.modulus}=${remainder}`]];
}

function inverse({ sign, by }: Operation): Operation {
  return { sign: sign === '+' ? '-' : '+', by };
}
