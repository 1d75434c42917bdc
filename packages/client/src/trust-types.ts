import type { FactStore, TrustCallOptions } from './fact-store.js';
import type { PinChoice } from './pin-of-origin.js';
import type { Pin } from './pin.js';
import type { AcceptedPublisher } from './policy/trust-policy.js';

/** What an advance says beside the new checkpoint. */
export interface AdvanceOptions extends TrustCallOptions {
  /** Of which log; `public` unless given. */
  readonly realm?: string | undefined;
}

/** What verification uses of a trust store. */
export type VerifyingTrust = Pick<TrustStore, 'findAccepted' | 'accept' | 'findFacts' | 'keepFacts'>;

/**
 * Pins of registries, acceptances of publishers and facts about releases on disk. Every change of a pin or of facts is a
 * compare-and-swap that holds across processes and across a power cut. Methods throw ClientError `trust.unusable` when
 * the files cannot be read or written: what cannot be read is never taken for nothing.
 */
export interface TrustStore extends FactStore {
  /** Undefined when the log key of the registry has not been accepted here. */
  findPin(url: string, options?: TrustCallOptions): Promise<Pin | undefined>;
  /** @throws ClientError `log.key_unpinned` */
  getPin(url: string, options?: TrustCallOptions): Promise<Pin>;
  /** All pins, by address. */
  listPins(options?: TrustCallOptions): Promise<readonly Pin[]>;
  /**
   * The pin of the registry that calls itself so; undefined when none does. Addresses with one log key are one registry:
   * the pin at `url` is answered, else the oldest, with what was seen of the logs at any of them.
   *
   * @throws ClientError `log.origin_taken` when several keys are pinned for it, and neither `url` nor `logKeys` says which
   */
  findPinByOrigin(origin: string, options?: TrustCallOptions & PinChoice): Promise<Pin | undefined>;
  /**
   * Pins a registry's log key; again with the same key changes nothing. Another key is refused unless `replace` is
   * given, which also forgets the checkpoints. A registry that calls itself as another one does that is pinned under
   * another key is refused, unless `shareOrigin` is given: rules and signatures tell registries apart by origin only.
   *
   * @throws ClientError `log.key_changed`, `log.origin_taken`; BundleError when the key or its name is not valid
   */
  pin(
    pin: { readonly url: string; readonly origin: string; readonly logKey: string },
    options?: TrustCallOptions & {
      readonly replace?: boolean | undefined;
      readonly shareOrigin?: boolean | undefined;
    },
  ): Promise<Pin>;
  /**
   * Takes the pin of an address back, with all that was seen of its logs; what was accepted there stays, and what was
   * proven of releases does. The next contact is a first one.
   *
   * @param pin names the key, so that no other is taken back by mistake
   * @returns the pin as it was
   * @throws ClientError `log.key_unpinned` when there is none, `log.key_changed` when another key is pinned
   */
  unpin(pin: Pick<Pin, 'url' | 'logKey'>, options?: TrustCallOptions): Promise<Pin>;
  /**
   * Replaces a log's checkpoint in the pin as it was seen, and notes to the minute that the log was asked now. False
   * when the pin changed since: look again, verify, try again.
   */
  advance(seen: Pin, newNote: string, options?: AdvanceOptions): Promise<boolean>;
  /**
   * Notes in which log of a registry a namespace was seen, once its releases prove it. False when it was seen in
   * another, or the pin changed since: look again.
   */
  noteRealm(seen: Pin, namespace: string, realm: string, options?: TrustCallOptions): Promise<boolean>;
  /** Forgets in which log a namespace was seen. False when it was not known. */
  forgetRealm(url: string, namespace: string, options?: TrustCallOptions): Promise<boolean>;
  /**
   * What was accepted of a publisher at its first use, at this or another address of the registry; `registry` as
   * `registryIdOf` names it.
   */
  findAccepted(
    registry: string,
    namespace: string,
    options?: TrustCallOptions,
  ): Promise<AcceptedPublisher | undefined>;
  /** All acceptances, in no order. */
  listAccepted(options?: TrustCallOptions): Promise<readonly AcceptedPublisher[]>;
  /** Keeps an acceptance. False, and nothing is changed, when there is one already, unless `replace` is given. */
  accept(
    accepted: AcceptedPublisher,
    options?: TrustCallOptions & { readonly replace?: boolean | undefined },
  ): Promise<boolean>;
  /** Forgets what was accepted of a publisher: its next use is a first one. False when there was nothing. */
  forget(registry: string, namespace: string, options?: TrustCallOptions): Promise<boolean>;
}
