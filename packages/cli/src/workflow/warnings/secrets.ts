import { aboutFile, type PackFinding } from './finding.js';

/** A file as it is packed. */
export interface PackedFile {
  /** Relative to the folder of the bundle, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const LEAVE_OUT = 'leave it out of [bundle] include; what was published cannot be taken back';
const REPLACE = 'take it out and revoke it; at run time a secret comes from [permissions] secrets';
/** Findings in one file beyond this many say nothing more. */
const MAX_PER_FILE = 5;

/** Names under which tools keep secrets. */
const SECRET_NAMES: readonly RegExp[] = [
  /^\.env(?:\..{1,60})?$/,
  /^.{1,200}\.(?:key|p12|pfx|jks|keystore|kdbx|ppk|tfstate)$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
  /^(?:credentials|client_secret|service[-_]account)(?:[-_.].{0,60})?\.json$/,
  /^\.(?:netrc|pypirc|htpasswd|git-credentials|pgpass|vault-token|dockercfg)$/,
  /^secrets?\.(?:toml|ya?ml|json|env)$/,
];
/** Examples of such files hold no secrets. */
const EXAMPLE_NAME = /(?:^|[._-])(?:example|sample|template|dist|schema)(?:$|[._-])/;
const PUBLIC_PEM = /-----BEGIN (?:CERTIFICATE|PUBLIC KEY|X509 CRL|DH PARAMETERS)-----/;

/**
 * Texts that only secrets look like. Each begins with what cannot be elsewhere and goes on for a fixed number of
 * characters, so that searching is linear in the file.
 */
const SECRET_TEXTS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY(?: BLOCK)?-----/g],
  ['a token of npm', /\/\/[\w.:/-]{1,100}:_(?:authToken|password)\s?=\s?[^\s$]{8}/g],
  ['a token of npm', /\bnpm_[A-Za-z0-9]{36}/g],
  ['a token of GitHub', /\bgh[opsur]_[A-Za-z0-9]{36}/g],
  ['a token of GitHub', /\bgithub_pat_[A-Za-z0-9_]{40}/g],
  ['a token of GitLab', /\bglpat-[\w-]{20}/g],
  ['an access key of AWS', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g],
  ['a key of Google', /\bAIza[\w-]{35}/g],
  ['a token of Slack', /\bxox[abeoprs]-[\w-]{20}/g],
  ['a live key of Stripe', /\b[rs]k_live_[A-Za-z0-9]{20}/g],
  ['a token of PyPI', /\bpypi-AgE[\w-]{50}/g],
  ['a token of SendGrid', /\bSG\.[\w-]{22}\.[\w-]{43}/g],
  ['a token of Anthropic', /\bsk-ant-[\w-]{20}/g],
  ['a token of OpenAI', /\bsk-(?:proj-)?[A-Za-z0-9]{40}/g],
  ['a token of Hugging Face', /\bhf_[A-Za-z0-9]{34}/g],
  ['a token of a sheaf registry', /\bshf_[A-Za-z0-9]{4,32}_[\w-]{20}/g],
];
/** What stands in documentation in the place of a secret. */
const PLACEHOLDER = /EXAMPLE|example|(.)\1{7}|0123456789|abcdefgh/;

/** Files of a bundle that by their name or content look like secrets. A finding never repeats the secret. */
export function findSecrets(files: readonly PackedFile[]): readonly PackFinding[] {
  return files.flatMap((file) => {
    const content = findInContent(file);
    return content.length > 0 || !hasSecretName(file)
      ? content
      : [
          aboutFile(
            'pack.secret_file',
            file.path,
            'a file of this name usually holds secrets, and it would be published',
            LEAVE_OUT,
          ),
        ];
  });
}

function hasSecretName({ path, bytes }: PackedFile): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (EXAMPLE_NAME.test(name)) return false;
  if (name.endsWith('.pem')) return !PUBLIC_PEM.test(latin1(bytes));
  return SECRET_NAMES.some((pattern) => pattern.test(name));
}

function findInContent({ path, bytes }: PackedFile): readonly PackFinding[] {
  const text = latin1(bytes);
  const findings: PackFinding[] = [];
  for (const [what, pattern] of SECRET_TEXTS) {
    for (const { 0: match, index } of text.matchAll(pattern)) {
      if (findings.length >= MAX_PER_FILE) return findings;
      if (PLACEHOLDER.test(match)) continue;
      findings.push({
        severity: 'warning',
        code: 'pack.secret_content',
        message: `this looks like ${what}, and it would be published`,
        hint: REPLACE,
        file: path,
        ...placeOf(text, index),
      });
    }
  }
  return findings;
}

function placeOf(text: string, index: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  return { line, column: index - before.lastIndexOf('\n') };
}

/** One character for each byte: every pattern is ASCII, and no bytes are invalid. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
