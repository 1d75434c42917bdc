import type { Verb } from './verb.js';

/** Every verb, each loaded when it is asked for: none pays for what another needs. In the order of the help text. */
export const VERBS: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ['serve', async () => (await import('./serve.js')).serveVerb],
  ['check', async () => (await import('./check.js')).checkVerb],
  ['gc', async () => (await import('./gc.js')).gcVerb],
  ['witness', async () => (await import('./witness.js')).witnessVerb],
]);
