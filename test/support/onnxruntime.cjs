'use strict';
const { createHash } = require('node:crypto');
// By its path: the name leads here (moduleNameMapper of jest.config.js).
const library = require('../../node_modules/onnxruntime-node');

/**
 * onnxruntime in which the sessions of equal graphs are made once per test file. A session keeps nothing between runs,
 * and making one is two thirds of what a test that trains a tiny model takes: such tests open many kernels in a row.
 */
const made = new Map();

class SharedSession {
  constructor(session) {
    this.session = session;
  }
  get inputNames() {
    return this.inside().inputNames;
  }
  get outputNames() {
    return this.inside().outputNames;
  }
  get inputMetadata() {
    return this.inside().inputMetadata;
  }
  get outputMetadata() {
    return this.inside().outputMetadata;
  }
  async run(...args) {
    return this.inside().run(...args);
  }
  async release() {
    this.inside();
    this.session = null;
  }
  inside() {
    if (this.session === null) throw new Error('This session was released.');
    return this.session;
  }
}

async function create(model, options = {}) {
  const { executionProviders: [provider] = ['cpu'], enableProfiling = false } = options;
  if (!(model instanceof Uint8Array) || provider !== 'cpu' || enableProfiling)
    return library.InferenceSession.create(model, options);
  const key = `${createHash('sha256').update(model).digest('hex')} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, library.InferenceSession.create(model, options));
  return new SharedSession(await made.get(key));
}

/** At the end of a test file (test/support/environment.cjs). */
globalThis.releaseSessions = async () => {
  for (const session of made.values()) await session.then((each) => each.release()).catch(() => undefined);
  made.clear();
};

module.exports = { ...library, InferenceSession: { ...library.InferenceSession, create } };
