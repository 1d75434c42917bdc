import { publicKeyFromSpki, type KeyEvent } from '@sheaf/bundle';
import { shortId } from '../terminal/text.js';

/** What an event would have happen, one line each, before it is signed or sent. */
export function describeEvent(event: KeyEvent): readonly string[] {
  const where = `${event.namespace} at ${event.registry}`;
  switch (event.type) {
    case 'key.add': {
      const { id } = publicKeyFromSpki(event.publicKey);
      return [
        `add the key ${shortId(id)} to ${where}`,
        `  id ${id}`,
        ...(event.recovery === true
          ? ['  as a recovery: everybody who trusted the earlier keys is asked again']
          : []),
      ];
    }
    case 'key.revoke':
      return [
        `revoke the key ${shortId(event.keyid)} of ${where} as ${event.reason}`,
        `  id ${event.keyid}`,
        event.fromIndex === undefined
          ? '  what it signed before stays valid'
          : `  what it signed from log #${event.fromIndex} on is refused everywhere`,
      ];
    case 'ns.policy':
      return [
        `ask for ${event.threshold === 1 ? '1 signature' : `${event.threshold} signatures`} on whatever is published in ${where}`,
      ];
  }
}
