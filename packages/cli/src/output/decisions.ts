import type { Decision } from '@sheaf/engine';
import { printable } from '../terminal/escape.js';

/** A decision in a few words, for people: `may not reach evil.example.com`. */
export function describeDecision({ subject, result, value, why }: Decision): string {
  const what = printable(value);
  const tail = why === undefined || result === 'allowed' ? '' : `: ${printable(why)}`;
  if (subject === 'ceiling') return `${result === 'refused' ? `refused ${what}` : what}${tail}`;
  if (subject === 'profile') return `profile ${what}${tail}`;
  if (subject === 'sandbox')
    return result === 'allowed' ? `in a sandbox: ${what}` : `no sandbox${tail === '' ? '' : tail}`;
  const may = result === 'allowed' ? 'may' : 'may not';
  return `${may} ${DOES[subject]} ${what}${tail}`;
}

const DOES: Readonly<Record<Exclude<Decision['subject'], 'ceiling' | 'profile' | 'sandbox'>, string>> = {
  publisher: 'run what is by',
  permissions: 'use',
  network: 'reach',
  exec: 'start',
  read: 'read',
  write: 'write',
  secret: 'use the secret',
  image: 'run the image',
};
