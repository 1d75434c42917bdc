import type { Problem } from '@sheaf/client/contract';

/** A page that leads to the sign-in, and does nothing else. */
export const PROBLEM_PAGE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/** A problem as a plain page, for people who are signing in. Stands beside `/auth/login`. */
export function renderProblemPage({ title, detail, remedy, code, requestId }: Problem): string {
  const lines = [detail, remedy ?? ''].filter((line) => line !== '');
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(title)}</title><main><h1>${escapeHtml(title)}</h1>`,
    ...lines.map((line) => `<p><bdi>${escapeHtml(line)}</bdi></p>`),
    '<p><a href="login">Sign in</a></p>',
    `<p><small>${escapeHtml(code)} · request ${escapeHtml(requestId)}</small></p></main></html>\n`,
  ].join('\n');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Controls, and what turns the direction of text around. */
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function escapeHtml(text: string): string {
  return text.replace(UNSEEN, '\uFFFD').replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
