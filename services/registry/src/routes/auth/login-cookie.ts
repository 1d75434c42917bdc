import type { LoginSecrets } from '../../domain/identity/identity-provider.js';

/** What a browser keeps from the start of a sign-in to its end. */
export interface PendingLogin extends LoginSecrets {
  readonly returnTo: string;
}

const MAX_LENGTH = 3500;

export function encodeLogin({ state, nonce, verifier, isFresh, returnTo }: PendingLogin): string {
  const text = JSON.stringify([state, nonce, verifier, isFresh, returnTo]);
  return Buffer.from(text).toString('base64url');
}

/** Undefined for whatever we have not written. */
export function decodeLogin(value: string | undefined): PendingLogin | undefined {
  if (value === undefined || value.length > MAX_LENGTH || !/^[A-Za-z0-9_-]+$/.test(value)) return undefined;
  const parts = parse(Buffer.from(value, 'base64url').toString());
  if (!Array.isArray(parts) || parts.length !== 5) return undefined;
  const [state, nonce, verifier, isFresh, returnTo] = parts as readonly unknown[];
  const texts = [state, nonce, verifier, returnTo];
  if (!texts.every((t) => typeof t === 'string' && t !== '') || typeof isFresh !== 'boolean')
    return undefined;
  return { state, nonce, verifier, isFresh, returnTo } as PendingLogin;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
