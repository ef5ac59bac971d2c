'use strict';
const fs = require('node:fs');
const { TestEnvironment } = require('jest-environment-node');
const keepNews = require('./coverage-news.cjs');

/**
 * Node's environment with the outer realm's typed arrays: native add-ons (onnxruntime-node) check
 * `instanceof Float32Array` against the realm they were loaded in and reject the sandbox's own.
 */
const SHARED_GLOBALS = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Float32Array',
  'Float64Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
];

/** The sandbox has a copy of the environment: what native code is to see is set out here, before it is loaded. */
process.env.ORT_DISABLE_TELEMETRY ||= '1';

/**
 * What a test writes need not outlive a power cut, and no test can see whether it would: that and when files are synced is
 * watched at `FileSystem` (testing/faulty-disk). Waiting for the disk is a quarter of an hour on a slow one.
 */
async function syncAtOnce() {
  const handle = await fs.promises.open(__filename);
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  for (const name of ['sync', 'datasync']) prototype[name] = async () => undefined;
  for (const name of ['fsyncSync', 'fdatasyncSync']) fs[name] = () => undefined;
}

module.exports = class AgentforgeEnvironment extends TestEnvironment {
  async setup() {
    await syncAtOnce();
    await super.setup();
    for (const name of SHARED_GLOBALS) this.global[name] = globalThis[name];
  }

  handleTestEvent({ name }) {
    // The last event of a test file, before jest reads what it covered.
    if (name === 'teardown' && this.global.__coverage__ !== undefined) keepNews(this.global.__coverage__);
  }

  async teardown() {
    await this.global.releaseSessions?.();
    await super.teardown();
  }
};
