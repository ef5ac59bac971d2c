import { itemOf, numberOf, partBySides, type Sides } from '../shared/questions.js';
import { ADJECTIVES, COLOURS, NOUNS, THINGS } from '../shared/words.js';

/** Files by their normalised paths. */
export interface Files {
  /** The text of a file, or undefined. */
  readonly read: (path: string) => string | undefined;
  /** Paths to ask for, the shortest kind first; the difficulty says which kind. */
  readonly kinds: readonly Sides<string>[];
}

const FOLDERS = ['notes', 'work', 'home', 'plans'];
const YEARS = ['2021', '2022', '2023', '2024'];

/** Some 7,800 files: `notes/lamp.txt`, `notes/red-lamp.txt`, `notes/2021/red-lamp.txt`. */
export function generatedFiles(): Files {
  const files = NOUNS.map((noun) => `${noun}.txt`);
  const longer = ADJECTIVES.flatMap((adjective) => files.map((file) => `${adjective}-${file}`));
  const kinds = [
    FOLDERS.flatMap((folder) => files.map((file) => `${folder}/${file}`)),
    FOLDERS.flatMap((folder) => longer.map((file) => `${folder}/${file}`)),
    FOLDERS.flatMap((folder) => YEARS.flatMap((year) => longer.map((file) => `${folder}/${year}/${file}`))),
  ];
  const known = new Set(kinds.flat());
  return {
    read: (path) => (known.has(path) ? contentOf(path) : undefined),
    kinds: kinds.map((paths) => partBySides(paths, (path) => path)),
  };
}

/** @param given texts by normalised path */
export function givenFiles(given: ReadonlyMap<string, string>): Files {
  return {
    read: (path) => given.get(path),
    kinds: [partBySides([...given.keys()], (path) => path)],
  };
}

/** "37 red lamps". */
function contentOf(path: string): string {
  const count = numberOf(2, 99, 'file count', path);
  return `${count} ${itemOf(COLOURS, 'file colour', path)} ${itemOf(THINGS, 'file thing', path)}`;
}
