// Puts the package where a test can reach it.
import * as tailcone from '/dist/index.js';

globalThis.tailcone = tailcone;
globalThis.start = (options) => (globalThis.client = tailcone.init(options));
