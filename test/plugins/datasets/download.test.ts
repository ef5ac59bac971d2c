import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gsm8k } from '../../../plugins/datasets/index.js';
import { silentLogger } from '../../../testing/silent-logger.js';
import { DataFolder, lines, load } from './support.js';

const CONTENT = lines({ question: 'What is 2 + 2?', answer: 'It is 2 + 2 = 4.\n#### 4' }).repeat(200);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

let server: Server;
let base: string;
let requests: string[];
/** Sends the second half of /halves; the test says when. */
let sendRest: () => void;
let data: DataFolder;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url!);
    if (request.url === '/missing') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': Buffer.byteLength(CONTENT) });
    if (request.url === '/cut') {
      response.write(CONTENT.slice(0, 100));
      return void setTimeout(() => response.destroy(), 20);
    }
    if (request.url !== '/halves') return void response.end(CONTENT);
    const half = CONTENT.length / 2;
    response.write(CONTENT.slice(0, half));
    sendRest = () => response.end(CONTENT.slice(half));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(async () => {
  requests = [];
  data = await DataFolder.make();
});
afterEach(() => data.remove());

const from = (path: string, sha256 = SHA256) => gsm8k({ download: { url: base + path, sha256 } });
const cacheFiles = (): Promise<string[]> => readdir(data.cache).catch(() => []);

describe('download', () => {
  it('fetches once, checks, and keeps the file by its hash', async () => {
    expect(await load(from('/data'), data.context({ root: null }))).toHaveLength(200);
    expect(await load(from('/data', SHA256.toUpperCase()), data.context())).toHaveLength(200);
    expect(requests).toEqual(['/data']);
    expect(await cacheFiles()).toEqual([SHA256]);
  });

  it('tells how far it is', async () => {
    const messages: string[] = [];
    const info = (message: string): void => {
      messages.push(message);
      if (/^downloaded .* of /.test(message)) sendRest();
    };
    await load(from('/halves'), data.context({ log: { ...silentLogger, info } }));
    expect(messages.join('\n')).toMatch(/^downloading http.*\ndownloaded .* of .*\ndownloaded .* from .*$/);
  });

  it('fetches again what is damaged in the cache', async () => {
    await load(from('/data'), data.context());
    await writeFile(join(data.cache, SHA256), 'damaged');
    expect(await load(from('/data'), data.context())).toHaveLength(200);
    expect(requests).toHaveLength(2);
  });

  it('refuses a file with another hash and keeps nothing of it', async () => {
    const other = SHA256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    await expect(load(from('/data', other), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_CHECKSUM',
      facts: { expected: other, found: SHA256 },
    });
    expect(await cacheFiles()).toEqual([]);
  });

  it('leaves nothing of a download that breaks off', async () => {
    await expect(load(from('/cut'), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_DOWNLOAD',
      at: `${base}/cut`,
    });
    expect(await cacheFiles()).toEqual([]);
  });

  it('says what the server answered, or that there is none', async () => {
    await expect(load(from('/missing'), data.context())).rejects.toThrow('the server answered 404');
    const nowhere = gsm8k({ download: { url: 'http://127.0.0.1:1/x', sha256: SHA256 } });
    await expect(load(nowhere, data.context())).rejects.toMatchObject({ code: 'AF_DATA_DOWNLOAD' });
  });

  it('wants a hash with every address', async () => {
    const unchecked = gsm8k().withOptions({ download: { url: `${base}/data` } });
    await expect(load(unchecked, data.context())).rejects.toMatchObject({ code: 'AF_CONFIG_INVALID' });
    await expect(load(from('/data', 'abc'), data.context())).rejects.toMatchObject({
      code: 'AF_CONFIG_INVALID',
    });
  });
});
