import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
/** Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;

export function newSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** As it is shown, once. */
export function formatSecret(secret: Buffer): string {
  return `${PREFIX}${secret.toString('base64')}`;
}

export interface SignedMessage {
  /** The same for every attempt. */
  readonly id: string;
  /** Of the attempt, in seconds since the epoch. */
  readonly timeSeconds: number;
  readonly body: Buffer;
}

/**
 * The headers that prove where a message comes from: HMAC-SHA256 over `id.timestamp.body` with each active secret
 * (Standard Webhooks 1.0, "Verifying signatures").
 */
export function signatureHeaders(
  { id, timeSeconds, body }: SignedMessage,
  secrets: readonly Buffer[],
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(timeSeconds);
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body);
    return `v1,${mac.digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
