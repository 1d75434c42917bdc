import {
  createRegistryClient,
  readProxies,
  type RegistryClient,
  type RegistryClientOptions,
} from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { noteNewest } from '../notices/update.js';
import { settingsOf, type RegistryChoice } from './choose.js';

/**
 * Opens a client for a registry: every request of the command line to a registry goes through one of these, so that
 * proxies, and the pins that the user has set for an address under whichever name, hold for all of them.
 *
 * @throws ClientError `tls.pin_invalid`; CliError `config.invalid`
 */
export async function connect(
  context: Pick<Context, 'env' | 'paths'>,
  { url }: Pick<RegistryChoice, 'url'>,
  more: Omit<RegistryClientOptions, 'url' | 'proxies' | 'spkiPins' | 'transport'> = {},
): Promise<RegistryClient> {
  const { env } = context;
  const { registries } = await settingsOf(context);
  const pins = [...registries.values()].flatMap((each) => (each.url === url ? each.spki : []));
  const client = createRegistryClient({
    traceparent: env['TRACEPARENT'],
    ...more,
    url,
    proxies: readProxies(env),
    spkiPins: pins.length === 0 ? undefined : [...new Set(pins)],
    // undici takes longer to load than all else of a verb.
    transport: 'node',
  });
  return {
    ...client,
    wellKnown: async (options) => {
      const document = await client.wellKnown(options);
      noteNewest(document.cli?.latest);
      return document;
    },
  };
}
