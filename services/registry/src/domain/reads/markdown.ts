import MarkdownIt from 'markdown-it';

/** Longest text that is rendered, in characters; so much is kept for search too. */
const LIMIT_CHARACTERS = 100_000;
const LINK_REL = 'nofollow noopener noreferrer ugc';
const WEB_LINK = /^(?:https?|mailto):/i;
const ANY_SCHEME = /^[a-z][a-z0-9+.-]*:/i;

const markdown = createMarkdown();

/**
 * Markdown as HTML that does nothing: no HTML of the author, no scripts, and nothing is loaded from anywhere. An image
 * becomes a link to it, and a link to a file of the bundle leads to `files/…` beside the page.
 */
export function renderMarkdown(text: string): string {
  return markdown.render(cut(text));
}

/** Text that is no Markdown, as HTML. */
export function renderPlainText(text: string): string {
  return `<pre>${markdown.utils.escapeHtml(cut(text))}</pre>\n`;
}

function cut(text: string): string {
  if (text.length <= LIMIT_CHARACTERS) return text;
  return `${text.slice(0, LIMIT_CHARACTERS).toWellFormed()}\n\n… (cut at ${LIMIT_CHARACTERS} characters)\n`;
}

function createMarkdown() {
  const md = new MarkdownIt({ html: false, linkify: false, typographer: false, maxNesting: 20 });
  md.validateLink = (url) => findTarget(url) !== undefined;
  md.renderer.rules['link_open'] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    token?.attrSet('href', findTarget(String(token.attrGet('href') ?? '')) ?? '');
    token?.attrSet('rel', LINK_REL);
    return self.renderToken(tokens, index, options);
  };
  md.renderer.rules['image'] = (tokens, index) => {
    const token = tokens[index];
    const target = findTarget(String(token?.attrGet('src') ?? ''));
    const label = md.utils.escapeHtml(token?.content === '' ? (target ?? '') : (token?.content ?? ''));
    if (target === undefined) return label;
    return `<a href="${md.utils.escapeHtml(target)}" rel="${LINK_REL}">${label}</a>`;
  };
  return md;
}

/** Where a link of a README may lead: the web, a mail, a place on the page, or a file of the bundle. */
function findTarget(url: string): string | undefined {
  if (WEB_LINK.test(url) || url.startsWith('#')) return url;
  if (url === '' || ANY_SCHEME.test(url) || /^[/\\?]/.test(url)) return undefined;
  const path = url.replace(/^(?:\.\/)+/, '');
  if (path.startsWith('files/') || hasParent(path)) return undefined;
  return `files/${path}`;
}

/** Whether a browser would go up from where it is: `%2e` is a dot to it, and a backslash a slash (WHATWG URL §4.4). */
function hasParent(path: string): boolean {
  return path
    .replaceAll(/%2e/gi, '.')
    .split(/[/\\?#]|%5c/i)
    .includes('..');
}
