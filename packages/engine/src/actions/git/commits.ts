import { ActionError } from '../action-error.js';

export interface Commit {
  readonly hash: string;
  readonly short: string;
  readonly author: string;
  readonly email: string;
  /** RFC 3339. */
  readonly date: string;
  readonly subject: string;
  readonly body: string;
  /** Of a conventional commit (1.0.0); else the empty text. */
  readonly kind: string;
  readonly scope: string;
  readonly breaking: boolean;
}

const FIELDS = 7;

/** Reads fields that end with NUL, seven a commit. Throws ActionError `git.failed`. */
export function parseCommits(text: string): readonly Commit[] {
  if (text === '') return [];
  const fields = (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
  if (fields.length % FIELDS !== 0) throw new ActionError('git.failed', 'what git prints cannot be read');
  const commits: Commit[] = [];
  for (let at = 0; at < fields.length; at += FIELDS) {
    const [hash = '', short = '', author = '', email = '', date = '', subject = '', body = ''] = fields.slice(
      at,
      at + FIELDS,
    );
    const [, kind = '', scope = '', mark = ''] =
      /^([a-z]{2,20})(?:\(([^()]{1,100})\))?(!)?: /i.exec(subject) ?? [];
    const breaking = mark === '!' || /^BREAKING[ -]CHANGE: /m.test(body);
    commits.push({
      hash,
      short,
      author,
      email,
      date,
      subject,
      body: body.trimEnd(),
      kind: kind.toLowerCase(),
      scope,
      breaking,
    });
  }
  return commits;
}

const SECTIONS = [
  ['Breaking changes', (commit: Commit) => commit.breaking],
  ['Features', (commit: Commit) => commit.kind === 'feat'],
  ['Fixes', (commit: Commit) => commit.kind === 'fix'],
  ['Other changes', () => true],
] as const;

/** Markdown: each commit in the first section that fits it. */
export function summariseCommits(commits: readonly Commit[]): string {
  const parts: string[] = [];
  let rest = commits;
  for (const [title, belongs] of SECTIONS) {
    const members = rest.filter(belongs);
    rest = rest.filter((commit) => !belongs(commit));
    if (members.length > 0) parts.push(`## ${title}\n\n${members.map(describe).join('\n')}`);
  }
  return parts.join('\n\n');
}

function describe({ kind, scope, subject, short }: Commit): string {
  const text = kind === '' ? subject : subject.slice(subject.indexOf(': ') + 2);
  return `- ${scope === '' ? '' : `${scope}: `}${text} (${short})`;
}
