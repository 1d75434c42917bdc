import { TOKENS_ONLY } from '../../../src/domain/identity/sign-in.js';
import { createIdentityProvider } from '../../../src/sign-in/provider.js';
import { startTestIssuer } from '../../support/test-issuer.js';
import { startTestRegistry, type TestRegistry } from '../../support/test-registry.js';

/** A registry where people can sign in with a browser. */
export async function startWebRegistry(): Promise<TestRegistry> {
  const issuer = await startTestIssuer();
  const provider = createIdentityProvider({
    config: issuer.config,
    now: Date.now,
    elapsedMs: () => performance.now(),
    report: () => undefined,
  });
  const registry = await startTestRegistry({ signIn: { ...TOKENS_ONLY, provider } });
  return {
    ...registry,
    close: async () => {
      await registry.close();
      await issuer.close();
    },
  };
}
