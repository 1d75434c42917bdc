const MAX_LENGTH = 39;
const MAX_TRIES = 50;

/** Names that read like somebody in charge, or like no person. */
const RESERVED = new Set([
  'admin',
  'administrator',
  'anonymous',
  'nobody',
  'owner',
  'registry',
  'root',
  'sheaf',
  'support',
  'system',
  'trusted',
]);

/**
 * Names for a new user, best first, from what the identity provider calls them: lower-case ASCII letters, digits and
 * single hyphens, at most 39, none that could be taken for the registry's own. The caller takes the first that is free;
 * the last ones end in `suffix`, which should be unguessable and so always free.
 */
export function proposeNames(text: string | undefined, suffix: string): readonly string[] {
  const base = toName(text ?? '');
  const stem = base === '' ? 'user' : base;
  const plain = base === '' || RESERVED.has(base) ? [] : [base];
  const numbered = Array.from({ length: MAX_TRIES }, (_, i) => withEnd(stem, String(i + 2)));
  return [...plain, ...numbered, withEnd(stem, suffix)];
}

function toName(text: string): string {
  return trim(
    text
      .slice(0, 200)
      // Of an e-mail address what stands before the at sign; the rest says where somebody works.
      .replace(/@.*$/s, '')
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-'),
  );
}

function withEnd(stem: string, end: string): string {
  return `${trim(stem.slice(0, MAX_LENGTH - end.length - 1))}-${end}`;
}

function trim(name: string): string {
  return name.replace(/^-/, '').slice(0, MAX_LENGTH).replace(/-$/, '');
}
