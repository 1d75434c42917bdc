import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket, type DetailedPeerCertificate } from 'node:tls';
import { ClientError } from '../errors.js';

const MAX_CHAIN = 20;

/**
 * Makes sure that one key of the chain that the server's certificate was verified by is pinned (RFC 7469 §2.6, by the
 * SHA-256 of its SubjectPublicKeyInfo). The chain that a server sends may hold more than what was verified: each link is
 * checked anew, so that a certificate that merely lies beside the chain counts for nothing.
 *
 * @param pins each `sha256/` and the hash in base64
 * @throws ClientError `tls.pin_mismatch`
 */
export function assertPinned(socket: Socket, pins: readonly string[], host: string): void {
  const chain = socket instanceof TLSSocket && socket.authorized ? readChain(socket) : [];
  const got = chain.map(pinOf);
  if (got.some((each) => pins.some((pin) => isSame(pin, each)))) return;
  throw new ClientError(
    'tls.pin_mismatch',
    `${host} shows none of the keys that are pinned for it: expected ${pins.join(' or ')}, got ${got.join(', ')}`,
    {
      hint: `a new certificate, or somebody in between: ask the operator of ${host} for the pin another way than through this connection`,
    },
  );
}

/** From the server's own certificate upwards, as far as each is truly signed by the next, and that by an authority. */
function readChain(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let peer: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (peer !== undefined && chain.length < MAX_CHAIN) {
    // Without a certificate, the object is empty.
    if (!Buffer.isBuffer(peer.raw)) break;
    const certificate = new X509Certificate(peer.raw);
    const below = chain.at(-1);
    if (below !== undefined && !isIssuer(certificate, below)) break;
    chain.push(certificate);
    // The root names itself.
    peer = peer.issuerCertificate === peer ? undefined : peer.issuerCertificate;
  }
  return chain;
}

function isIssuer(certificate: X509Certificate, below: X509Certificate): boolean {
  return certificate.ca && below.checkIssued(certificate) && below.verify(certificate.publicKey);
}

function pinOf(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}

function isSame(pin: string, got: string): boolean {
  return pin.length === got.length && timingSafeEqual(Buffer.from(pin), Buffer.from(got));
}
