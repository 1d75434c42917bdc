/** A message for one endpoint. */
export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What an endpoint answered. */
export interface WebhookAnswer {
  readonly status: number;
  /** Beginning of the body, at most 1 KiB. */
  readonly response: Buffer;
  readonly retryAfterMs: number | undefined;
}

/**
 * Sends one message and follows no redirect.
 *
 * @throws WebhookRefusedError when the endpoint is at an address that nothing is sent to; any other error when there is no
 *   answer in time
 */
export type SendWebhook = (request: WebhookRequest) => Promise<WebhookAnswer>;

/** The endpoint is at an address that nothing is sent to. */
export class WebhookRefusedError extends Error {
  override readonly name = 'WebhookRefusedError';
  readonly code = 'webhook.address_refused';
}
