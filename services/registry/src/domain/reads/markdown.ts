import MarkdownIt from 'markdown-it';

/** Longest text that is rendered, in characters; so much is kept for search too. */
const LIMIT_CHARACTERS = 100_000;
const LINK_REL = 'nofollow noopener noreferrer ugc';
const WEB_LINK = /^(?:https?|mailto):/i;
const ANY_SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** Where a rendered text stands. */
export interface Placement {
  /** Address of the files of the bundle, with a slash at its end. */
  readonly files: string;
  /** For a part of a page: its headings are so many levels lower, and can be linked to by this and their words. */
  readonly part?: { readonly lower: number; readonly prefix: string };
}

const BESIDE_FILES: Placement = { files: 'files/' };

const markdown = createMarkdown();

/**
 * Markdown as HTML that does nothing: no HTML of the author, no scripts, and nothing is loaded from anywhere. An image
 * becomes a link to it, and a link to a file of the bundle leads to `files/…`: beside the page where nothing else is said.
 */
export function renderMarkdown(text: string, placement = BESIDE_FILES): string {
  return markdown.render(cut(text), { placement, headings: new Map<string, number>() } satisfies Rendering);
}

/** Text that is no Markdown, as HTML. */
export function renderPlainText(text: string): string {
  return `<pre>${markdown.utils.escapeHtml(cut(text))}</pre>\n`;
}

function cut(text: string): string {
  if (text.length <= LIMIT_CHARACTERS) return text;
  return `${text.slice(0, LIMIT_CHARACTERS).toWellFormed()}\n\n… (cut at ${LIMIT_CHARACTERS} characters)\n`;
}

/** What the rules know of the text that they render. */
interface Rendering {
  readonly placement: Placement;
  /** How often the words of a heading came. */
  readonly headings: Map<string, number>;
}

/** What `render` was given: rules get it as what nobody knows. */
function renderingOf(env: unknown): Rendering {
  return env as Rendering;
}

function createMarkdown() {
  const md = new MarkdownIt({ html: false, linkify: false, typographer: false, maxNesting: 20 });
  md.validateLink = (url) => findTarget(url) !== undefined;
  md.renderer.rules['link_open'] = (tokens, index, options, env, self) => {
    const token = tokens[index];
    const { placement } = renderingOf(env);
    token?.attrSet('href', findTarget(String(token.attrGet('href') ?? ''), placement) ?? '');
    token?.attrSet('rel', LINK_REL);
    return self.renderToken(tokens, index, options);
  };
  md.renderer.rules['image'] = (tokens, index, _options, env) => {
    const token = tokens[index];
    const target = findTarget(String(token?.attrGet('src') ?? ''), renderingOf(env).placement);
    const label = md.utils.escapeHtml(token?.content === '' ? (target ?? '') : (token?.content ?? ''));
    if (target === undefined) return label;
    return `<a href="${md.utils.escapeHtml(target)}" rel="${LINK_REL}">${label}</a>`;
  };
  // Written as an attribute, as pages refuse styles in markup.
  for (const rule of ['th_open', 'td_open'])
    md.renderer.rules[rule] = (tokens, index, options, _env, self) => {
      const token = tokens[index];
      const side = /^text-align:(left|right|center)$/.exec(String(token?.attrGet('style') ?? ''))?.[1];
      if (token !== undefined && side !== undefined) token.attrs = [['align', side]];
      return self.renderToken(tokens, index, options);
    };
  for (const rule of ['heading_open', 'heading_close'])
    md.renderer.rules[rule] = (tokens, index, options, env, self) => {
      const { placement, headings } = renderingOf(env);
      const token = tokens[index];
      if (token !== undefined && placement.part !== undefined) {
        const { lower, prefix } = placement.part;
        if (rule === 'heading_open')
          token.attrSet('id', headingId(tokens[index + 1]?.content ?? '', prefix, headings));
        token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + lower)}`;
      }
      return self.renderToken(tokens, index, options);
    };
  return md;
}

/** The words of a heading as GitHub links to them; those that came before get a number. */
function headingId(text: string, prefix: string, headings: Map<string, number>): string {
  const words = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
  const before = headings.get(words) ?? 0;
  headings.set(words, before + 1);
  return `${prefix}${words}${before === 0 ? '' : `-${before}`}`;
}

/** Where a link of a README may lead: the web, a mail, a place on the page, or a file of the bundle. */
function findTarget(url: string, { files, part }: Placement = BESIDE_FILES): string | undefined {
  if (url.startsWith('#')) return part === undefined ? url : `#${part.prefix}${url.slice(1)}`;
  if (WEB_LINK.test(url)) return url;
  if (url === '' || ANY_SCHEME.test(url) || /^[/\\?]/.test(url)) return undefined;
  const path = url.replace(/^(?:\.\/)+/, '');
  if (path.startsWith('files/') || hasParent(path)) return undefined;
  return `${files}${path}`;
}

/** Whether a browser would go up from where it is: `%2e` is a dot to it, and a backslash a slash (WHATWG URL §4.4). */
function hasParent(path: string): boolean {
  return path
    .replaceAll(/%2e/gi, '.')
    .split(/[/\\?#]|%5c/i)
    .includes('..');
}
