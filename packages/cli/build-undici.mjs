// What of undici the client uses: requests over HTTP/1.1. Loaded whole, it would also load fetch, WebSocket, its cache,
// its mocks and HTTP/2, and with that more of Node than all the rest of a verb.

/** The names of the package that `@sheaf/client` imports. */
export const UNDICI_PARTS = `
  require('undici/lib/dispatcher/dispatcher.js').prototype.request = require('undici/lib/api/api-request.js');
  exports.Agent = require('undici/lib/dispatcher/agent.js');
  exports.buildConnector = require('undici/lib/core/connect.js');`;

/** Modules of no use here, by how they are asked for, and what stands in their place. */
const STAND_INS = {
  // No connection offers h2.
  './client-h2.js': `module.exports = () => { throw new Error('no connection speaks HTTP/2') };`,
  // What fails is a defect either way.
  'node:assert': `module.exports = (isTrue, why) => { if (!isTrue) throw why instanceof Error ? why : new Error(why ?? 'undici: an assertion failed'); };
    module.exports.strictEqual = (a, b) => module.exports(Object.is(a, b));
    module.exports.notStrictEqual = (a, b) => module.exports(!Object.is(a, b));`,
  // Only the limit of its headers, and the class of bodies that come from its servers.
  'node:http': 'exports.maxHeaderSize = 16384; exports.IncomingMessage = class {};',
};

export function undiciParts() {
  return {
    name: 'undici-parts',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(\.\/client-h2\.js|node:http|node:assert)$/ }, ({ path }) => ({
        path,
        namespace: 'stand-in',
      }));
      onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({ contents: STAND_INS[path] }));
    },
  };
}
