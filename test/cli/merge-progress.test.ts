import { hashCacheFile } from '../../cli/merge/hash-cache.js';
import { parseByteSize } from '../../cli/merge/byte-size.js';
import { MergeProgressLine } from '../../cli/merge/progress.js';
import { recordedTerminal } from '../support/recorder.js';
import { screen } from '../support/screen.js';

test('on a terminal one line is redrawn: share, speed and time left', () => {
  let now = 0;
  const terminal = recordedTerminal({ interactive: true, columns: 120 });
  const line = new MergeProgressLine(terminal, () => now);
  line.start('ties');
  now = 2000;
  line.update({ tensor: 'x', doneBytes: 3e9, totalBytes: 12e9 });
  expect(screen(terminal.written())).toEqual([
    expect.stringMatching(
      /^merge ties {2}\[#####\.{15}\] {2}MB 3,000\/12,000 {2}GB\/s 1\.5 {2}ETA 6\.0 s {2}memory /,
    ),
  ]);
  line.close();
  expect(screen(terminal.written())).toEqual(['']);
});

test('a small merge counts in kilobytes', () => {
  let now = 0;
  const terminal = recordedTerminal({ interactive: true, columns: 120 });
  const line = new MergeProgressLine(terminal, () => now);
  line.start('slerp');
  now = 2000;
  line.update({ tensor: 'x', doneBytes: 150_000, totalBytes: 300_000 });
  expect(screen(terminal.written())).toEqual([expect.stringContaining('kB 150/300')]);
  line.close();
});

test('sizes', () => {
  expect(['5GB', '512 MiB', '1.5kb', '4096'].map(parseByteSize)).toEqual([5e9, 512 * 2 ** 20, 1500, 4096]);
  for (const text of ['', '5B', 'GB', '-1GB', '0', '0.1', '1e9'])
    expect(() => parseByteSize(text)).toThrow('Expected a size such as 5GB');
});

test('the cache folder of the environment', () => {
  expect(hashCacheFile({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/agentforge/sha256.json');
  expect(hashCacheFile({ XDG_CACHE_HOME: '', HOME: '/h' })).toBe('/h/.cache/agentforge/sha256.json');
  expect(hashCacheFile({})).toBeUndefined();
});
