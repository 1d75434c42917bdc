import { describe, expect, it } from 'vitest';
import { formatSecret, newSecret, signatureHeaders } from './secret.js';

describe('the signature of a message', () => {
  it('is the one of the example of Standard Webhooks', () => {
    const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const body = Buffer.from('{"test": 2432232314}');
    expect(
      signatureHeaders({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timeSeconds: 1_614_265_330, body }, [secret]),
    ).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is there once for each secret, divided by a space', () => {
    const message = { id: 'msg_1', timeSeconds: 1, body: Buffer.from('{}') };
    const [first, second] = [newSecret(), newSecret()];
    const one = (secret: Buffer) => signatureHeaders(message, [secret])['webhook-signature'];
    expect(signatureHeaders(message, [first, second])['webhook-signature']).toBe(
      `${one(first)} ${one(second)}`,
    );
  });
});

describe('a new secret', () => {
  it('has 32 random bytes, shown as whsec_ and Base64', () => {
    const secret = newSecret();
    expect(formatSecret(secret)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(Buffer.from(formatSecret(secret).slice('whsec_'.length), 'base64')).toEqual(secret);
    expect(newSecret()).not.toEqual(secret);
  });
});
