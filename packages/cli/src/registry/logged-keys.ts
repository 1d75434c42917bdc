import type { KeyId } from '@sheaf/bundle';
import { fetchKeyHistory, type Pin, type TrustStore } from '@sheaf/client';
import { parseNamespace } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { codeOf } from '../frame/errors.js';
import { shortId } from '../terminal/text.js';
import { connect } from './connect.js';

/** What a registry's log says of one key. */
export interface LoggedKey {
  readonly key: string;
  readonly registry: string;
  /** One line. */
  readonly says: string;
  /** It is there, and not revoked. */
  readonly good: boolean;
}

/** What the logs of the pinned registries say of the keys; a registry that does not answer says nothing. */
export async function askLogs(
  context: Context,
  store: TrustStore | undefined,
  asked: { readonly pins: readonly Pin[]; readonly namespace: string; readonly keys: readonly KeyId[] },
): Promise<readonly LoggedKey[]> {
  if (store === undefined || asked.namespace.includes('*')) return [];
  const answers = await Promise.all(asked.pins.map((pin) => askLog(context, store, { ...asked, pin })));
  return answers.flat();
}

async function askLog(
  context: Context,
  trust: TrustStore,
  {
    pin,
    namespace,
    keys,
  }: { readonly pin: Pin; readonly namespace: string; readonly keys: readonly KeyId[] },
): Promise<readonly LoggedKey[]> {
  const client = await connect(context, pin, { timeoutMs: 5000, retry: { retries: 0 } });
  try {
    const request = { client, trust, namespace: parseNamespace(namespace), signal: context.signal };
    const history = await fetchKeyHistory(request);
    return keys.map((key) => {
      const found = history.keys.find(({ keyid }) => keyid === key);
      const name = `${shortId(key)} at ${pin.origin}`;
      if (found === undefined)
        return {
          key,
          registry: pin.origin,
          good: false,
          says: `${name}: no key of ${namespace} in its log`,
        };
      const { addedAt, by, recovery, isFirst, revoked } = found;
      const others = by.filter((each) => each !== key).map(shortId);
      const how = recovery
        ? 'by recovery, no earlier key vouches for it'
        : isFirst
          ? 'as its first key'
          : `vouched for by ${others.join(', ')}`;
      const end = revoked === undefined ? '' : `; REVOKED at log #${revoked.index} as ${revoked.reason}`;
      return {
        key,
        registry: pin.origin,
        good: !recovery && revoked === undefined,
        says: `${name}: added to ${namespace} at log #${addedAt} ${how}${end}`,
      };
    });
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (/^(network|response|service|rate)\.|not_found$/.test(code) && !context.signal.aborted) {
      return [
        {
          key: '',
          registry: pin.origin,
          good: true,
          says: `${pin.origin}: what its log says of ${namespace} is not known (${code})`,
        },
      ];
    }
    throw error;
  } finally {
    await client.close();
  }
}
