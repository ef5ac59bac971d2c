import { openSafetensorsBytes, readAllTensors } from '../../../storage/safetensors/index.js';
import type { CounterStream } from '../../../nn/random/index.js';
import type { DocumentKind } from '../kind.js';
import { mutateBytes, mutateJson } from '../mutate.js';

const WIDTHS: Readonly<Record<string, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  U8: 1,
  BOOL: 1,
};

const HEADER = {
  __metadata__: { format: 'pt' },
  'model.embed.weight': { dtype: 'F32', shape: [3, 4], data_offsets: [0, 48] },
  'model.norm.weight': { dtype: 'BF16', shape: [4], data_offsets: [48, 56] },
  'model.mask': { dtype: 'BOOL', shape: [2, 2], data_offsets: [56, 60] },
  'model.empty': { dtype: 'F16', shape: [0, 7], data_offsets: [60, 60] },
  'model.ids': { dtype: 'I32', shape: [], data_offsets: [60, 64] },
};
const DATA = Uint8Array.from({ length: 64 }, (_, i) => (i >= 56 && i < 60 ? i % 2 : i));

/** Weights: what is accepted must be a file by the format's own rules, and nothing else may be made of its bytes. */
export const safetensors: DocumentKind = {
  name: 'safetensors',
  open: async () => async (random) => {
    const bytes = draw(random);
    return {
      bytes,
      read: async () => {
        const reader = await openSafetensorsBytes(bytes, 'fuzz.safetensors');
        return { tensors: await readAllTensors(reader), entries: [...reader.entries.values()] };
      },
      whyWrong: () => flawOf(bytes),
    };
  },
};

function draw(random: CounterStream): Uint8Array {
  const isStructural = random.uniform() < 0.7;
  const header = JSON.stringify(isStructural ? mutateJson(HEADER, random).document : HEADER);
  const file = fileOf(header);
  return isStructural && random.uniform() < 0.8 ? file : mutateBytes(file, random);
}

function fileOf(header: string): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, DATA]);
}

/** The rules of the format (spec: formats, section 3), written down a second time. */
function flawOf(bytes: Uint8Array): string | null {
  const file = Buffer.from(bytes);
  if (file.length < 8) return 'shorter than its length';
  const length = Number(file.readBigUInt64LE(0));
  if (length > file.length - 8) return 'the header is longer than the file';
  const header = JSON.parse(file.subarray(8, 8 + length).toString('utf8')) as Record<string, Entry>;
  const spans = Object.entries(header).flatMap(([name, entry]) =>
    name === '__metadata__' ? [] : [spanOf(entry)],
  );
  if (spans.includes(null)) return 'an entry that does not fill its shape';
  let position = 0;
  for (const [begin, end] of (spans as [number, number][]).sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (begin !== position) return 'a gap or an overlap';
    position = end;
  }
  return position === file.length - 8 - length ? null : 'bytes that belong to no tensor';
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function spanOf({ dtype, shape, data_offsets: [begin, end] }: Entry): [number, number] | null {
  const bytes = shape.reduce((product, size) => product * size, 1) * (WIDTHS[dtype] ?? Number.NaN);
  return shape.every((size) => Number.isInteger(size) && size >= 0) && bytes === end - begin
    ? [begin, end]
    : null;
}
