import { beforeAll, describe, expect, it } from 'vitest';
import { failure } from '../src/testing/failure.js';
import { makeCertificate, pinOf, type Certified } from './support/authority.js';
import { clientFor, WHOAMI } from './support/client-of.js';
import { startTlsServer } from './support/tls-server.js';

const NAMES = 'DNS:localhost';
const OTHER_PIN = `sha256/${Buffer.alloc(32, 7).toString('base64')}`;
let root: Certified;
let issuing: Certified;
let leaf: Certified;

beforeAll(() => {
  root = makeCertificate({ name: 'Root', ca: true });
  issuing = makeCertificate({ name: 'Issuing', ca: true, issuer: root });
  leaf = makeCertificate({ name: 'registry', names: NAMES, issuer: issuing });
});

async function pinnedTo(
  pins: readonly string[],
  server: { readonly leaf: Certified; readonly behind?: readonly string[]; readonly ca?: string } = {
    leaf,
    behind: [issuing.cert],
  },
) {
  const { port, count } = await startTlsServer(server.leaf, server.behind);
  const ca = server.ca ?? root.cert;
  return { client: clientFor(`https://localhost:${port}`, { token: 't', spkiPins: pins, ca }), port, count };
}

describe('pins', () => {
  it('let a certificate with the key, or of an authority with the key, pass', async () => {
    for (const pinned of [leaf, issuing, root]) {
      const { client } = await pinnedTo([OTHER_PIN, pinOf(pinned)]);
      expect(await client.whoami()).toEqual(WHOAMI);
    }
  });

  it('of an authority are met on every connection, also where a session could be taken up again', async () => {
    const { client, count } = await pinnedTo([pinOf(root)]);
    for (let i = 0; i < 3; i++) expect(await client.whoami()).toEqual(WHOAMI);
    expect(count()).toBe(3);
  });

  it('refuse every other key before anything is sent, and name what was expected and what came', async () => {
    const { client, port, count } = await pinnedTo([OTHER_PIN]);
    const error = await failure(client.whoami(), 'tls.pin_mismatch');
    expect(error.message).toBe(
      `localhost:${port} shows none of the keys that are pinned for it: expected ${OTHER_PIN}, got ${[leaf, issuing, root].map(pinOf).join(', ')}`,
    );
    expect(error.retry).toBeUndefined();
    expect(count()).toBe(0);
  });

  it('do not make up for a certificate that is not valid', async () => {
    const self = makeCertificate({ name: 'registry', names: NAMES });
    const { client } = await pinnedTo([pinOf(self)], { leaf: self });
    const error = await failure(client.whoami(), 'network.unreachable');
    expect(error.hint).toContain('give the certificate of that as ca');
    const elsewhere = makeCertificate({ name: 'registry', names: 'DNS:elsewhere.test', issuer: root });
    const other = await pinnedTo([pinOf(elsewhere)], { leaf: elsewhere });
    await failure(other.client.whoami(), 'network.unreachable');
  });

  it('are not met by a certificate that only lies beside the chain', async () => {
    const pinned = makeCertificate({ name: 'Pinned', ca: true });
    const { client } = await pinnedTo([pinOf(pinned)], { leaf, behind: [issuing.cert, pinned.cert] });
    await failure(client.whoami(), 'tls.pin_mismatch');
  });

  it('are not met by a forged certificate that has the name of the issuer and the pinned key', async () => {
    const pinned = makeCertificate({ name: 'Pinned', ca: true });
    const direct = makeCertificate({ name: 'registry', names: NAMES, issuer: root });
    const forged = makeCertificate({ name: 'Root', ca: true, key: pinned.key, issuer: pinned });
    const { client } = await pinnedTo([pinOf(pinned)], { leaf: direct, behind: [forged.cert, pinned.cert] });
    const error = await failure(client.whoami(), 'tls.pin_mismatch');
    expect(error.message).not.toContain(`got ${pinOf(direct)}, ${pinOf(pinned)}`);
  });

  it('are not met through a certificate that is no authority, whatever it has signed', async () => {
    const pinned = makeCertificate({ name: 'Pinned', ca: true });
    const customer = makeCertificate({ name: 'Customer', issuer: pinned });
    const direct = makeCertificate({ name: 'registry', names: NAMES, issuer: root });
    // The key of the true issuer, certified by a customer of the pinned authority.
    const bridge = makeCertificate({ name: 'Root', ca: true, key: root.key, issuer: customer });
    const { client } = await pinnedTo([pinOf(pinned)], {
      leaf: direct,
      behind: [bridge.cert, customer.cert, pinned.cert],
    });
    await failure(client.whoami(), 'tls.pin_mismatch');
  });

  it('are refused when they have another form, without https, and on given connections', () => {
    const make = (url: string, pins: readonly string[]) => () => clientFor(url, { spkiPins: pins });
    const invalid = expect.objectContaining({ code: 'tls.pin_invalid' }) as Error;
    expect(make('https://registry.test', ['sha256/AAAA'])).toThrow(invalid);
    expect(make('https://registry.test', [`sha1/${'A'.repeat(43)}=`])).toThrow(invalid);
    expect(make('https://registry.test', Array<string>(21).fill(OTHER_PIN))).toThrow(invalid);
    expect(make('http://registry.test', [OTHER_PIN])).toThrow(invalid);
    expect(make('https://registry.test', [OTHER_PIN])).not.toThrow();
  });
});
