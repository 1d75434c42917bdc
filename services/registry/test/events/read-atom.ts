import { XmlDocument, XmlElement, XmlText } from 'libxml2-wasm';

/** An entry of a feed, as a reader takes it out of the XML. */
export interface AtomEntry {
  readonly id: string;
  readonly title: string;
  readonly updated: string;
  readonly link: string;
  readonly content: string;
}

export interface AtomDocument {
  readonly id: string;
  readonly title: string;
  readonly updated: string;
  /** Where the feed says that it is. */
  readonly self: string;
  readonly entries: readonly AtomEntry[];
}

const ATOM = 'http://www.w3.org/2005/Atom';

type Pattern = (text: string) => boolean;
type Often = 'once' | 'at most once' | 'any';

interface Rule {
  readonly attributes?: Readonly<Record<string, { readonly is: Pattern; readonly required?: boolean }>>;
  readonly children?: Readonly<Record<string, Often>>;
  /** Left out for an element that holds elements only, or nothing. */
  readonly text?: Pattern;
}

const anything: Pattern = () => true;
const matches =
  (pattern: RegExp): Pattern =>
  (text) =>
    pattern.test(text);
/** RFC 3339, as RFC 4287 §3.3 narrows it: with a zone, `T` and `Z` in upper case. */
const isDate: Pattern = (text) =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/.test(text) &&
  !Number.isNaN(Date.parse(text));
/** RFC 3987: a scheme, and nothing that an IRI may not hold. Not relative, which only an id must not be; here no link is either. */
const isIri: Pattern = (text) =>
  /^[a-z][a-z0-9+.-]*:[^\p{C}\p{Z}<>"{}|\\^`]+$/iu.test(text) && URL.canParse(text);
const textConstruct: Rule = {
  attributes: { type: { is: (text) => text === 'text' || text === 'html' } },
  text: anything,
};

/**
 * RFC 4287, appendix B, by element: which children and attributes it may have, and how often. What the feeds of a registry do
 * not use is left out, extensions too, and so it is a fault.
 */
const RULES: Readonly<Record<string, Rule>> = {
  feed: {
    children: {
      author: 'any',
      category: 'any',
      id: 'once',
      link: 'any',
      title: 'once',
      updated: 'once',
      entry: 'any',
    },
  },
  entry: {
    children: {
      author: 'any',
      category: 'any',
      content: 'at most once',
      id: 'once',
      link: 'any',
      title: 'once',
      updated: 'once',
    },
  },
  author: { children: { name: 'once' } },
  name: { text: anything },
  id: { text: isIri },
  title: textConstruct,
  updated: { text: isDate },
  content: textConstruct,
  category: { attributes: { term: { is: anything, required: true } } },
  link: {
    attributes: {
      href: { is: isIri, required: true },
      rel: { is: matches(/^[^:]+$/) },
      type: { is: matches(/^[^/\s]+\/[^/\s]+$/) },
    },
  },
};

/**
 * Reads a feed as strictly as RFC 4287 is written, with a parser of XML that stops at the first thing that is not well-formed.
 *
 * @throws Error that names every fault, and what the parser throws
 */
export function readAtom(bytes: Uint8Array): AtomDocument {
  const xml = XmlDocument.fromBuffer(bytes);
  try {
    const { root } = xml;
    const faults = root.name === 'feed' ? [...faultsOf(root)] : [`the root is ${root.name}`];
    const feed = faults.length === 0 ? toDocument(root) : undefined;
    faults.push(...(feed === undefined ? [] : faultsBetween(root, feed)));
    if (feed === undefined || faults.length > 0) throw new Error(`no valid feed: ${faults.join('; ')}`);
    return feed;
  } finally {
    xml.dispose();
  }
}

/** What is wrong with an element and those in it, taken each by itself. */
function* faultsOf(element: XmlElement): Generator<string> {
  const { name } = element;
  const rule = element.namespaceUri === ATOM && Object.hasOwn(RULES, name) ? RULES[name] : undefined;
  if (rule === undefined) {
    yield `${name} is not allowed`;
    return;
  }
  const { attributes = {}, children = {} } = rule;
  for (const { name: attribute, namespaceUri, content } of element.attrs) {
    const known =
      namespaceUri === '' && Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
    if (known?.is(content) !== true)
      yield `${name} has the attribute ${attribute}=${JSON.stringify(content)}`;
  }
  for (const [attribute, { required }] of Object.entries(attributes))
    if (required === true && element.attr(attribute) === null) yield `${name} has no ${attribute}`;
  const inside = elementsIn(element);
  for (const child of inside) {
    if (Object.hasOwn(children, child.name)) yield* faultsOf(child);
    else yield `${name} holds ${child.name}`;
  }
  for (const [child, often] of Object.entries(children)) {
    const count = inside.filter((other) => other.name === child).length;
    if ((often === 'once' && count !== 1) || (often === 'at most once' && count > 1))
      yield `${name} has ${child} ${count} times`;
  }
  const text = inside.length === 0 ? element.content : textIn(element);
  if (!(rule.text ?? ((found: string) => found.trim() === ''))(text))
    yield `${name} holds ${JSON.stringify(text)}`;
}

/** What the prose of RFC 4287 asks of elements together. */
function* faultsBetween(root: XmlElement, feed: AtomDocument): Generator<string> {
  const names = elementsIn(root).map(({ name }) => name);
  if (names.slice(names.length - feed.entries.length).some((name) => name !== 'entry'))
    yield 'what belongs to the feed comes after an entry (appendix B)';
  const hasAuthor = (element: XmlElement) => elementsIn(element).some(({ name }) => name === 'author');
  const entries = elementsIn(root).filter(({ name }) => name === 'entry');
  if (!hasAuthor(root) && !(entries.length > 0 && entries.every(hasAuthor)))
    yield 'neither the feed nor each entry has an author (section 4.1.1)';
  for (const element of [root, ...entries]) {
    const kinds = linksIn(element, 'alternate').map((link) => link.attr('type')?.content ?? '');
    if (new Set(kinds).size < kinds.length)
      yield 'two links lead to the same alternate (sections 4.1.1, 4.1.2)';
  }
  if (linksIn(root, 'self').length !== 1) yield 'the feed does not say where it is (section 4.1.1)';
  const ids = [feed.id, ...feed.entries.map(({ id }) => id)];
  if (new Set(ids).size < ids.length) yield 'an id is given twice (sections 4.1.1, 4.2.6)';
  if (feed.entries.some(({ updated }) => Date.parse(updated) > Date.parse(feed.updated)))
    yield 'an entry is newer than the feed (section 4.2.15)';
}

function toDocument(root: XmlElement): AtomDocument {
  const entries = elementsIn(root).filter(({ name }) => name === 'entry');
  return {
    ...commonOf(root),
    self: linksIn(root, 'self')[0]?.attr('href')?.content ?? '',
    entries: entries.map((entry) => ({
      ...commonOf(entry),
      link: linksIn(entry, 'alternate')[0]?.attr('href')?.content ?? '',
      content: contentOf(entry, 'content'),
    })),
  };
}

function commonOf(element: XmlElement) {
  return {
    id: contentOf(element, 'id'),
    title: contentOf(element, 'title'),
    updated: contentOf(element, 'updated'),
  };
}

function contentOf(element: XmlElement, name: string): string {
  return elementsIn(element).find((child) => child.name === name)?.content ?? '';
}

/** A link without `rel` leads to an alternate (§4.2.7.2). */
function linksIn(element: XmlElement, rel: string): readonly XmlElement[] {
  return elementsIn(element).filter(
    (child) => child.name === 'link' && (child.attr('rel')?.content ?? 'alternate') === rel,
  );
}

function elementsIn(element: XmlElement): readonly XmlElement[] {
  return nodesIn(element).filter((node) => node instanceof XmlElement);
}

/** The text of an element itself, without that of its elements. */
function textIn(element: XmlElement): string {
  return nodesIn(element)
    .filter((node) => node instanceof XmlText)
    .map(({ content }) => content)
    .join('');
}

function nodesIn(element: XmlElement) {
  const nodes = [];
  for (let node = element.firstChild; node !== null; node = node.next) nodes.push(node);
  return nodes;
}
