import { aboutFile, type PackFinding } from './finding.js';
import { isPlaceholder, SECRET_TEXTS, SECRET_VARIABLE, type SecretText } from './secret-texts.js';

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
  /^.{1,200}\.env$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
  /^(?:.{1,200}\.)?kubeconfig(?:\.ya?ml)?$/,
  /^application_default_credentials\.json$/,
  /^(?:credentials|client_secret|service[-_]account)(?:[-_.].{0,60})?\.json$/,
  /^\.(?:netrc|pypirc|htpasswd|git-credentials|pgpass|vault-token|dockercfg)$/,
  /^secrets?\.(?:toml|ya?ml|json|env)$/,
];
/** Places in which tools keep secrets, under names that say nothing. */
const SECRET_PATHS = /(?:^|\/)(?:\.aws\/credentials|\.kube\/config)$/;
/** What editors and people add to the name of a copy. */
const COPY_SUFFIX = /(?:\.(?:bak|backup|old|orig|save|copy|tmp|swp)\d{0,3}|~)$/;
/** Files of variables whose name does not tell whether there are secrets in them. */
const VARIABLES_PREFIX = '.env';
/** Examples of such files hold no secrets. */
const EXAMPLE_NAME = /(?:^|[._-])(?:example|sample|template|dist|schema)(?:$|[._-])/;
const PUBLIC_PEM = /-----BEGIN (?:CERTIFICATE|PUBLIC KEY|X509 CRL|DH PARAMETERS)-----/;

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
  const name = nameOf(path).replace(COPY_SUFFIX, '');
  if (EXAMPLE_NAME.test(name)) return false;
  if (name.endsWith('.pem')) return !PUBLIC_PEM.test(latin1(bytes));
  return (
    SECRET_PATHS.test(path.toLowerCase().replace(COPY_SUFFIX, '')) ||
    SECRET_NAMES.some((pattern) => pattern.test(name))
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase();
}

function findInContent({ path, bytes }: PackedFile): readonly PackFinding[] {
  const text = latin1(bytes);
  const searched = nameOf(path).startsWith(VARIABLES_PREFIX)
    ? [...SECRET_TEXTS, SECRET_VARIABLE]
    : SECRET_TEXTS;
  const findings = findTexts(path, text, searched);
  // In UTF-16 every other byte of an ASCII text is zero.
  return findings.length > 0 || !text.includes('\0')
    ? findings
    : findTexts(path, text.replaceAll('\0', ''), searched);
}

function findTexts(path: string, text: string, searched: readonly SecretText[]): readonly PackFinding[] {
  const findings: PackFinding[] = [];
  for (const { what, pattern, isReal } of searched) {
    for (const match of text.matchAll(pattern)) {
      if (findings.length >= MAX_PER_FILE) return findings;
      if (isPlaceholder(match[0]) || isReal?.(match) === false) continue;
      findings.push({
        severity: 'warning',
        code: 'pack.secret_content',
        message: `this looks like ${what}, and it would be published`,
        hint: REPLACE,
        file: path,
        ...placeOf(text, match.index),
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
