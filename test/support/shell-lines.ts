/** One command of a shell script: its words, without variables that are set for it and without redirections. */
export type ShellCommand = readonly string[];

const WORD = /'([^']*)'|"((?:\\.|[^"\\])*)"|(\\[^]|[^\s'"\\;&|])/y;

/**
 * The commands of simple shell lines, as in documentation: words, quotes, comments, `&&`, `|`, `;` and continued lines.
 * Placeholders in angle brackets (`<folder>`) are words,
 * redirections (`< file`) are left out.
 */
export function shellCommands(code: string): ShellCommand[] {
  return code
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap(commandsOfLine)
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))));
}

function commandsOfLine(line: string): string[][] {
  const commands: string[][] = [[]];
  let at = 0;
  while (at < line.length) {
    const rest = line.slice(at);
    // A redirection has a space before its file, which tells it from a placeholder.
    const skipped = /^\s+|^\d?[<>]{1,2}\s+\S+|^(&&|\|\||[;|&])/.exec(rest);
    if (rest.startsWith('#')) break;
    if (skipped !== null) {
      if (skipped[1] !== undefined) commands.push([]);
      at += skipped[0].length;
      continue;
    }
    const { word, end } = wordAt(line, at);
    commands.at(-1)!.push(word);
    at = end;
  }
  return commands.filter((words) => words.length > 0);
}

/** The word that begins at a place: quoted and bare parts side by side. */
function wordAt(line: string, start: number): { readonly word: string; readonly end: number } {
  let [word, end] = ['', start];
  for (;;) {
    WORD.lastIndex = end;
    const part = WORD.exec(line);
    if (part === null) break;
    word += part[1] ?? part[2]?.replace(/\\(.)/g, '$1') ?? part[3]!.replace(/^\\/, '');
    end = WORD.lastIndex;
  }
  if (end === start) throw new Error(`not a simple shell line, at column ${start + 1}: ${line}`);
  return { word, end };
}
