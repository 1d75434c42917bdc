import { fileURLToPath } from 'node:url';

/** The built `sheaf-registry`. */
export const REGISTRY_BIN = fileURLToPath(
  new URL('../../services/registry/bin/sheaf-registry.js', import.meta.url),
);

/**
 * This process's environment without what would steer the programs under test, and without more certificates, which cost each
 * start of Node 50 ms: all that they talk to is here.
 */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(SHEAF_|XDG_|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$|VITEST|DATABASE_URL$|CI$)/.test(name),
    ),
  );
}
