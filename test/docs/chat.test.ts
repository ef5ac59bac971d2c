import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as agentforge from 'agentforge';
import { CHAT_COMMANDS } from '../../cli/chat/commands.js';
import { copierConfig } from '../support/copier-config.js';
import { projectFolder, runCli, TestIo } from '../support/cli.js';
import { runScript, snippetsOf } from '../support/snippets.js';

const DOCUMENT = join('docs', 'chat.md');
const text = readFileSync(DOCUMENT, 'utf8');

test('the table has every command', () => {
  const rows = [...text.matchAll(/^\| `\/([a-z]+)(?: ([^`]+))?` \|/gm)].map(([, name, words = '']) => [
    name,
    words.replaceAll('\\', ''),
  ]);
  expect(rows.sort()).toEqual(CHAT_COMMANDS.map((command) => [command.name, command.arguments]).sort());
});

test('the script says what it says', async () => {
  const folder = projectFolder(copierConfig());
  try {
    expect(await runCli(['run', '--quiet'], new TestIo(folder.path))).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    const lines: string[] = [];
    const log = (...values: unknown[]): void => void lines.push(values.map(String).join(' '));
    const here = {
      ...agentforge,
      loadModel: (name: string) => agentforge.loadModel(name, { cwd: folder.path }),
    };
    const [script, ...others] = snippetsOf(DOCUMENT);
    expect(others).toEqual([]);
    await runScript(script!, { agentforge: here }, { console: { log } });
    expect(lines[0]).toBe('question calculator loud,terse');
    expect(lines.slice(1, -1)).toEqual(['calculator: 37+58 is 95', ' ', '9', '5']);
    expect(lines.at(-1)).toBe('ok 0 end 2 turns');
  } finally {
    folder.remove();
  }
});
