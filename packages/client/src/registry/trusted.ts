import {
  ExchangedTokenSchema,
  routes,
  TrustedIssuerListSchema,
  TrustedPublisherListSchema,
  TrustedPublisherSchema,
  type CreateTrustedPublisherRequest,
  type ExchangedToken,
  type OidcExchangeRequest,
  type TrustedIssuerDocument,
  type TrustedPublisher,
} from '../contract/index.js';
import { ANY_TYPE, JSON_TYPE, MAX_DOCUMENT_BYTES, type Caller, type CallOptions } from './caller.js';
import { readJson } from './json.js';

/** Trusted publishing: who may publish without a person, and how a CI job gets its key into the log. */
export interface TrustedMethods {
  /** Whose identity tokens count, and for whom they must be. */
  listTrustedIssuers(options?: CallOptions): Promise<readonly TrustedIssuerDocument[]>;
  /** For owners; `created: false` when the very same was there. */
  addTrustedPublisher(
    request: CreateTrustedPublisherRequest,
    options?: CallOptions,
  ): Promise<{ readonly created: boolean; readonly publisher: TrustedPublisher }>;
  /** CI jobs that may publish, of one namespace or of all of the caller. */
  listTrustedPublishers(namespace: string, options?: CallOptions): Promise<readonly TrustedPublisher[]>;
  /** Also when it was gone already. */
  removeTrustedPublisher(id: string, options?: CallOptions): Promise<void>;
  /** Sent without a token, and once only: an identity token counts once. See `obtainJobKey`. */
  exchangeIdentity(request: OidcExchangeRequest, options?: CallOptions): Promise<ExchangedToken>;
}

export function trustedMethods(call: Caller, url: string): TrustedMethods {
  return {
    async listTrustedIssuers(o) {
      const options = { ...o, access: 'anonymous' } as const;
      return (await call.getJson(TrustedIssuerListSchema, routes.oidcIssuers(), options)).issuers;
    },
    async addTrustedPublisher(request, o) {
      const sent = { method: 'POST', path: routes.trustedPublishers(), json: request } as const;
      const { status, value } = await call.sendJson(TrustedPublisherSchema, sent, o);
      return { created: status === 201, publisher: value };
    },
    async listTrustedPublishers(namespace, o) {
      const options = { ...o, access: 'token' } as const;
      const path = routes.trustedPublishers(namespace);
      return (await call.getJson(TrustedPublisherListSchema, path, options)).publishers;
    },
    async removeTrustedPublisher(id, o) {
      const path = routes.trustedPublisher(id);
      await call.send(
        { method: 'DELETE', path, accept: ANY_TYPE, maxBytes: MAX_DOCUMENT_BYTES, idempotent: true },
        o,
      );
    },
    async exchangeIdentity(request, o) {
      const { body } = await call.send(
        {
          method: 'POST',
          path: routes.oidcExchange(),
          accept: JSON_TYPE,
          body: { contentType: JSON_TYPE, bytes: Buffer.from(JSON.stringify(request)) },
          maxBytes: MAX_DOCUMENT_BYTES,
          idempotent: false,
          authenticate: false,
        },
        o,
      );
      return readJson(ExchangedTokenSchema, body, url);
    },
  };
}
