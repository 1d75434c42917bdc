import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its private key, both in PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly name: string;
  /** Whose key signs it; itself without one. */
  readonly issuer?: Certified;
  /** Subject alternative names, such as `DNS:localhost`. */
  readonly names?: string;
  readonly ca?: boolean;
  /** Made for this key instead of a new one. */
  readonly key?: string;
}

/** Makes certificates with OpenSSL, on P-256. */
export function makeCertificate({ name, issuer, names, ca = false, key }: CertificateOptions): Certified {
  const dir = mkdtempSync(join(tmpdir(), 'sheaf-authority-'));
  const at = (file: string): string => join(dir, file);
  try {
    const own =
      key ?? openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']).toString();
    writeFileSync(at('key.pem'), own);
    writeFileSync(
      at('request.cnf'),
      [
        '[req]',
        'distinguished_name = dn',
        'prompt = no',
        'x509_extensions = ext',
        '[dn]',
        `CN = ${name}`,
        '[ext]',
        `basicConstraints = critical, CA:${ca ? 'TRUE' : 'FALSE'}`,
        // Found by name alone, as a forger would have it.
        'subjectKeyIdentifier = none',
        'authorityKeyIdentifier = none',
        ...(names === undefined ? [] : [`subjectAltName = ${names}`]),
      ].join('\n'),
    );
    const signing: string[] = [];
    if (issuer !== undefined) {
      writeFileSync(at('issuer.pem'), issuer.cert);
      writeFileSync(at('issuer-key.pem'), issuer.key);
      signing.push('-CA', at('issuer.pem'), '-CAkey', at('issuer-key.pem'));
    }
    openssl([
      ...['req', '-x509', '-new', '-config', at('request.cnf'), '-key', at('key.pem'), '-days', '2'],
      ...['-out', at('cert.pem'), ...signing],
    ]);
    return { cert: readFileSync(at('cert.pem'), 'utf8'), key: own };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The pin of a certificate's key. */
export function pinOf({ cert }: Pick<Certified, 'cert'>): string {
  const { publicKey } = new X509Certificate(cert);
  const spki = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
    type: 'spki',
    format: 'der',
  });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}

function openssl(args: readonly string[]): Buffer {
  return execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
}
