import { leaveOnAbort } from './cancelled.js';
import type { TrustCallOptions } from './fact-store.js';
import type { TrustStore } from './trust-types.js';

/** A store whose calls are left when their signal is aborted: a disk of another machine may not answer for long. */
export function leftOnAbort(store: TrustStore): TrustStore {
  const leave = <T>(options: TrustCallOptions | undefined, work: () => Promise<T>): Promise<T> =>
    leaveOnAbort([options?.signal], work);
  return {
    findPin: (url, o) => leave(o, () => store.findPin(url)),
    getPin: (url, o) => leave(o, () => store.getPin(url)),
    listPins: (o) => leave(o, () => store.listPins()),
    findPinByOrigin: (origin, o) => leave(o, () => store.findPinByOrigin(origin, o)),
    pin: (pin, o) => leave(o, () => store.pin(pin, o)),
    unpin: (pin, o) => leave(o, () => store.unpin(pin)),
    advance: (seen, newNote, o) => leave(o, () => store.advance(seen, newNote, o)),
    noteRealm: (seen, namespace, realm, o) => leave(o, () => store.noteRealm(seen, namespace, realm)),
    forgetRealm: (url, namespace, o) => leave(o, () => store.forgetRealm(url, namespace)),
    findAccepted: (registry, namespace, o) => leave(o, () => store.findAccepted(registry, namespace)),
    listAccepted: (o) => leave(o, () => store.listAccepted()),
    accept: (accepted, o) => leave(o, () => store.accept(accepted, o)),
    forget: (registry, namespace, o) => leave(o, () => store.forget(registry, namespace)),
    findFacts: (key, o) => leave(o, () => store.findFacts(key)),
    keepFacts: (key, unite, o) => leave(o, () => store.keepFacts(key, unite)),
  };
}
