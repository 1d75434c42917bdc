import type { Verb } from './verb.js';

/** Every verb, each loaded when it is asked for: none pays for what another needs. In the order of the help text. */
export const VERBS: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ['serve', async () => (await import('./serve.js')).serveVerb],
  ['worker', async () => (await import('./worker.js')).workerVerb],
  ['migrate', async () => (await import('./migrate.js')).migrateVerb],
  ['admin', async () => (await import('./admin.js')).adminVerb],
  ['check', async () => (await import('./check.js')).checkVerb],
  ['export', async () => (await import('./export.js')).exportVerb],
  ['import', async () => (await import('./import.js')).importVerb],
  ['gc', async () => (await import('./gc.js')).gcVerb],
  ['witness', async () => (await import('./witness.js')).witnessVerb],
]);
