import {
  encodeEnvelope,
  MAX_KEY_HISTORY_BYTES,
  type Envelope,
  type KeyId,
  type Standing,
} from '@sheaf/bundle';
import type { Namespace } from '@sheaf/workflow';
import {
  MEDIA_TYPES,
  NamespaceSchema,
  SignedReleasesSchema,
  routes,
  type NamespaceDocument,
  type SignedReleases,
} from '../contract/index.js';
import { expectSame, readKeyHistory } from './answers.js';
import { JSON_TYPE, MAX_DOCUMENT_BYTES, type Caller, type CallOptions } from './caller.js';
import { readJson } from './json.js';

export interface CreateNamespaceOptions extends CallOptions {
  /** Who may see it; `public` unless given. It cannot be changed later. */
  readonly visibility?: 'public' | 'private' | undefined;
}

/** Namespaces, their keys and their policy. */
export interface NamespaceMethods {
  /** Claims a namespace; one that the caller owns already is answered as it is. */
  createNamespace(name: Namespace, options?: CreateNamespaceOptions): Promise<NamespaceDocument>;
  /** A namespace with its keys and policy, unverified: see `fetchKeyHistory`. */
  getNamespace(name: Namespace, options?: CallOptions): Promise<NamespaceDocument>;
  /** Every key event of the namespace with its proof and signed envelope, unverified: see `fetchKeyHistory`. */
  getNamespaceKeys(name: Namespace, options?: CallOptions): Promise<Standing>;
  /** What a revocation of a key from an index of the log on would refuse, as the registry lists it: nothing is proved. */
  getSignedReleases(
    name: Namespace,
    signedBy: { readonly keyid: KeyId; readonly fromIndex: number },
    options?: CallOptions,
  ): Promise<SignedReleases>;
  /** Sends any key event. Safe to repeat: `created: false` when it was so already. */
  registerKeyEvent(
    envelope: Envelope,
    options?: CallOptions,
  ): Promise<{ readonly created: boolean; readonly namespace: NamespaceDocument }>;
}

export function namespaceMethods(call: Caller, url: string): NamespaceMethods {
  return {
    async createNamespace(name, { visibility, ...o } = {}) {
      const json = visibility === undefined ? { name } : { name, visibility };
      const request = { method: 'POST', path: routes.namespaces(), json } as const;
      return expectSame((await call.sendJson(NamespaceSchema, request, o)).value, { name }, url);
    },
    async getNamespace(name, o) {
      // With the token at once, because the answer tells the caller's own role.
      const options = { ...o, access: 'token' } as const;
      return expectSame(await call.getJson(NamespaceSchema, routes.namespace(name), options), { name }, url);
    },
    async getNamespaceKeys(name, o) {
      const { body } = await call.get(
        routes.namespaceKeys(name),
        MEDIA_TYPES.standing,
        MAX_KEY_HISTORY_BYTES,
        o,
      );
      return readKeyHistory(body);
    },
    getSignedReleases: (name, { keyid, fromIndex }, o) =>
      call.getJson(SignedReleasesSchema, routes.signedReleases(name, keyid, fromIndex), o),
    async registerKeyEvent(envelope, o) {
      const response = await call.send(
        {
          method: 'POST',
          path: routes.keys(),
          accept: JSON_TYPE,
          body: { contentType: MEDIA_TYPES.envelope, bytes: encodeEnvelope(envelope) },
          maxBytes: MAX_DOCUMENT_BYTES,
          idempotent: true,
        },
        o,
      );
      return { created: response.status === 201, namespace: readJson(NamespaceSchema, response.body, url) };
    },
  };
}
