/** A text that only secrets look like. */
export interface SecretText {
  readonly what: string;
  /** Global. Each begins with what cannot be elsewhere, and all its repetitions are bounded: searching is linear. */
  readonly pattern: RegExp;
  /** Looks closer at a match. */
  readonly isReal?: (match: RegExpExecArray) => boolean;
}

export const SECRET_TEXTS: readonly SecretText[] = [
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY(?: BLOCK)?-----/g },
  {
    what: 'a private key in base64',
    pattern: /LS0tLS1CRUdJTi[A-Za-z0-9+/]{16,60}/g,
    isReal: ([match]) => decode(match).includes('PRIVATE KEY'),
  },
  { what: 'a private key in base64', pattern: /MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/]{43}/g },
  { what: 'a signing key of sheaf', pattern: /"seed"\s{0,4}:\s{0,4}"[A-Za-z0-9+/]{43}="/g },
  {
    what: 'a signing key of sheaf',
    pattern: /"sheaf\.key\/1"[^{}]{0,600}"box"\s{0,4}:\s{0,4}"[A-Za-z0-9+/]{20}/g,
  },
  { what: 'a key of age', pattern: /\bAGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}/g },
  { what: 'the key of a Kubernetes user', pattern: /\bclient-key-data:\s{0,4}["']?[A-Za-z0-9+/]{40}/g },
  { what: 'a token of npm', pattern: /\/\/[\w.:/-]{1,100}:_(?:authToken|password)\s?=\s?[^\s$]{8}/g },
  { what: 'a login of npm', pattern: /(?<![\w-])_auth\s{0,4}=\s{0,4}["']?[A-Za-z0-9+/]{8}/g },
  { what: 'a token of npm', pattern: /\bnpm_[A-Za-z0-9]{36}/g },
  {
    what: 'a login of a container registry',
    pattern: /"auth"\s{0,4}:\s{0,4}"([A-Za-z0-9+/]{8,400}={0,2})"/g,
    isReal: ([, login = '']) => /^[\x21-\x7e]{1,200}:[\x20-\x7e]+$/.test(decode(login)),
  },
  { what: 'a token of GitHub', pattern: /\bgh[opsur]_[A-Za-z0-9]{36}/g },
  { what: 'a token of GitHub', pattern: /\bgithub_pat_[A-Za-z0-9_]{40}/g },
  { what: 'a token of GitLab', pattern: /\bglpat-[\w-]{20}/g },
  { what: 'an access key of AWS', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  {
    what: 'a secret key of AWS',
    pattern: /\baws_secret_access_key["']?\s{0,4}[=:]\s{0,4}["']?[A-Za-z0-9/+]{40}/gi,
  },
  { what: 'a key of Google', pattern: /\bAIza[\w-]{35}/g },
  { what: 'a token of Slack', pattern: /\bxox[abeoprs]-[\w-]{20}/g },
  {
    what: 'a webhook of Slack',
    pattern: /\bhooks\.slack\.com\/(?:services|workflows)\/[A-Z0-9]{8,14}\/[A-Z0-9]{8,14}\/[A-Za-z0-9]{16}/g,
  },
  { what: 'a live key of Stripe', pattern: /\b[rs]k_live_[A-Za-z0-9]{20}/g },
  { what: 'a token of PyPI', pattern: /\bpypi-AgE[\w-]{50}/g },
  { what: 'a token of SendGrid', pattern: /\bSG\.[\w-]{22}\.[\w-]{43}/g },
  { what: 'a token of Vault', pattern: /\bhv[bs]\.[\w-]{24}/g },
  { what: 'a token of Anthropic', pattern: /\bsk-ant-[\w-]{20}/g },
  { what: 'a token of OpenAI', pattern: /\bsk-[A-Za-z0-9]{40}/g },
  {
    what: 'a token of OpenAI',
    pattern: /\bsk-(?:proj|svcacct|admin)-[\w-]{40}/g,
    // Names in prose and style sheets are words with hyphens.
    isReal: ([match]) => /\d/.test(match) && /[A-Z]/.test(match),
  },
  { what: 'a token of Hugging Face', pattern: /\bhf_[A-Za-z0-9]{34}/g },
  { what: 'a token of a sheaf registry', pattern: /\bshf_[A-Za-z0-9]{4,32}_[\w-]{20}/g },
  {
    what: 'a password in an address',
    pattern:
      /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}:\/\/([^\s:@/"'`$<>{}]{0,64}):([^\s@/"'`$<>{}]{6,128})@[\w[]/g,
    isReal: ([, user, password = '']) => password !== user && !isStandIn(password),
  },
];

/** What stands in documentation in the place of a secret. */
const PLACEHOLDER = /EXAMPLE|example|(.)\1{7}|0123456789|abcdefgh/;

/** Whether a match is what documentation writes. */
export function isPlaceholder(match: string): boolean {
  return PLACEHOLDER.test(match);
}

const ASSIGNMENT =
  /^[ \t]{0,8}(?:export[ \t]{1,4})?[A-Z0-9_]{0,60}(?:PASS|SECRET|TOKEN|KEY|PWD|AUTH|CRED)[A-Z0-9_]{0,60}[ \t]{0,4}[=:][ \t]{0,4}["']?([^\s"'#]{8,200})/gim;

/** Secrets of a file of variables: values that are no stand-ins, of names that say that they are secret. */
export const SECRET_VARIABLE: SecretText = {
  what: 'the value of a secret variable',
  pattern: ASSIGNMENT,
  isReal: ([, value = '']) => /\d/.test(value) && /[a-z]/i.test(value) && !isStandIn(value),
};

/** `changeme`, `your-token-1`, `${TOKEN}`, `/run/secrets/x1`: what is written where a secret belongs. */
function isStandIn(value: string): boolean {
  return (
    /^(?:[<${%*/.~]|x{3}|\.{3}|your|my[-_]|change|replace|insert|enter|some|sample|dummy|fake|test|todo|none)/i.test(
      value,
    ) || /^(?:secret|pass(?:word|wd)?|token|key|admin|root|user)[-_]?\d{0,4}$/i.test(value)
  );
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}
