import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  YAMLParseError,
  type CST,
  type Document,
  type ParsedNode,
} from 'yaml';

import type { JsonValue } from '../model.js';
import { lowerFirst, printable, tick } from '../text.js';
import { findNumberProblem } from './numbers.js';
import { createPlaces, type Places } from './places.js';
import { foldedOffsets, yamlBlockOffsets, yamlOffsets, type OffsetMap } from './string-offsets.js';
import {
  MAX_DEPTH,
  type Finding,
  type Path,
  type ReadSource,
  type SourceProblem,
  type SourceRange,
} from './tree.js';

interface Walk {
  readonly text: string;
  readonly places: Places;
  readonly problems: SourceProblem[];
  readonly findings: Finding[];
}

/** Twice the depth limit and some, so that the exact limit is told by the walk, with its place. */
const MAX_RUN = 256;
/** The library takes some 3 µs for each. */
const MAX_TOKENS = 250_000;
const MAX_PROBLEMS = 1000;
const START: SourceRange = { start: 0, end: 0 };

/** Reads YAML 1.2 (core schema) as data. Anchors, aliases, tags, directives, several documents and duplicate keys are refused. */
export function readYaml(text: string): ReadSource {
  const tooDeep = findDeepFlow(text);
  if (tooDeep !== undefined) return { problems: [tooDeepAt(tooDeep)], findings: [] };
  let document: Document.Parsed;
  const count: TokenCount = { tokens: 0 };
  const { stackTraceLimit } = Error;
  try {
    // The library makes an error for each problem, and there may be one for each character: their stacks would take seconds.
    Error.stackTraceLimit = 0;
    document = composeFirst(text, count);
  } catch {
    if (count.tokens > MAX_TOKENS) {
      const message = `the document has more than ${MAX_TOKENS} tokens`;
      return { problems: [{ code: 'syntax.too_large', message, range: START }], findings: [] };
    }
    // The library recurses over block collections: only extreme nesting makes it throw.
    return { problems: [tooDeepAt(0)], findings: [] };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const problems = document.errors.slice(0, MAX_PROBLEMS).map(describeError);
  if (document.directives.yaml.explicit === true || Object.keys(document.directives.tags).length > 1) {
    problems.push({ code: 'syntax.yaml', message: 'directives are not allowed', range: START });
  }
  if (problems.length > 0) return { problems, findings: [] };
  const walk: Walk = { text, places: createPlaces(), problems, findings: [] };
  const value = toJson(document.contents, [], undefined, walk);
  return {
    tree: { value, locate: (path) => walk.places.find(path) },
    problems,
    findings: walk.findings,
  };
}

interface TokenCount {
  tokens: number;
}

/** The first document of a text; that another one follows is one of its errors. */
function composeFirst(text: string, count: TokenCount): Document.Parsed {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    prettyErrors: false,
    // Checked below in linear time; the library compares every key with every other.
    uniqueKeys: false,
    logLevel: 'error',
  });
  const [first, second] = composer.compose(tokensOf(text, count), true, text.length);
  if (first === undefined) throw new TypeError('a text was read without a document');
  if (second !== undefined) {
    first.errors.push(new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', ''));
  }
  return first;
}

/** Counted while they are parsed: a text of too many is given up in the middle. */
function* tokensOf(text: string, count: TokenCount): Generator<CST.Token> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme !== '' && ++count.tokens > MAX_TOKENS) throw new RangeError('too many tokens');
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

function describeError({
  code,
  message,
  pos: [start, end],
}: Document.Parsed['errors'][number]): SourceProblem {
  // How deep that is differs from run to run: the library recurses, and tells of the end of the stack as of any other fault.
  if (message.startsWith('Maximum call stack')) return tooDeepAt(start);
  return {
    code: 'syntax.yaml',
    message:
      code === 'MULTIPLE_DOCS'
        ? 'a definition is one document, and a second one begins here'
        : lowerFirst(printable(message.split('\n', 1)[0] ?? '', 200)),
    range: { start, end },
  };
}

function toJson(node: ParsedNode | null, path: Path, key: SourceRange | undefined, walk: Walk): JsonValue {
  const value = node === null ? (key ?? START) : { start: node.range[0], end: node.range[1] };
  let offsets: OffsetMap | undefined;
  const offsetOf = (offset: number) => {
    offsets ??= offsetsIn(node, walk.text);
    const inside = offsets(offset);
    return inside === undefined ? undefined : value.start + inside;
  };
  walk.places.set(path, { key, value, offsetOf });
  if (node === null) return null;
  if (path.length > MAX_DEPTH) {
    walk.problems.push(tooDeepAt(value.start));
    return null;
  }
  refuseExtras(node, value, walk);
  if (isAlias(node)) return null;
  if (isMap(node)) {
    const table = Object.create(null) as Record<string, JsonValue>;
    for (const pair of node.items) {
      const name = readKey(pair.key, value, walk);
      if (name === undefined) continue;
      const range = { start: pair.key.range[0], end: pair.key.range[1] };
      if (Object.hasOwn(table, name)) {
        const first = walk.places.find([...path, name])?.key;
        walk.problems.push({
          code: 'key.duplicate',
          message: `${tick(name)} is defined twice`,
          label: 'defined again',
          range,
          ...(first === undefined
            ? {}
            : { related: [{ range: first, label: `${tick(name)} is defined here first` }] }),
        });
        continue;
      }
      table[name] = toJson(pair.value, [...path, name], range, walk);
    }
    return table;
  }
  if (isSeq(node)) return node.items.map((item, at) => toJson(item, [...path, at], undefined, walk));
  return readScalar(node.value, path, walk);
}

function readScalar(value: unknown, path: Path, walk: Walk): JsonValue {
  if (typeof value === 'number' || typeof value === 'bigint') {
    const problem = findNumberProblem(value, path);
    if (problem !== undefined) walk.findings.push(problem);
    return Number(value);
  }
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

/** Every key is text: `1:` and `true:` are read as they are written. */
function readKey(node: ParsedNode, parent: SourceRange, walk: Walk): string | undefined {
  const range = (node as ParsedNode | null) === null ? parent : { start: node.range[0], end: node.range[1] };
  if (!isScalar(node)) {
    walk.problems.push({ code: 'syntax.yaml', message: 'a key must be plain text', range });
    return undefined;
  }
  refuseExtras(node, range, walk);
  return typeof node.value === 'string' ? node.value : walk.text.slice(range.start, range.end);
}

function refuseExtras(node: ParsedNode, range: SourceRange, walk: Walk): void {
  const what = isAlias(node)
    ? 'aliases'
    : node.anchor !== undefined
      ? 'anchors'
      : node.tag !== undefined
        ? 'tags'
        : undefined;
  if (what === undefined) return;
  walk.problems.push({
    code: 'syntax.yaml',
    message: `${what} are not allowed`,
    hint: 'write the value out where it is used',
    range,
  });
}

function offsetsIn(node: ParsedNode | null, text: string): OffsetMap {
  if (node === null || !isScalar(node) || typeof node.value !== 'string') return () => undefined;
  const token = text.slice(node.range[0], node.range[1]);
  switch (node.type) {
    case 'BLOCK_LITERAL':
      return yamlBlockOffsets(token, node.value);
    case 'BLOCK_FOLDED':
      return foldedOffsets(token, node.value, 'block');
    case 'PLAIN':
      return yamlOffsets(token, 'plain', node.value);
    case 'QUOTE_SINGLE':
      return yamlOffsets(token, 'single', node.value);
    case 'QUOTE_DOUBLE':
      return yamlOffsets(token, 'double', node.value);
    default:
      return () => undefined;
  }
}

function tooDeepAt(start: number): SourceProblem {
  return {
    code: 'syntax.too_deep',
    message: `more than ${MAX_DEPTH} levels of nesting`,
    range: { start, end: start },
  };
}

/**
 * Where a run of opening brackets or list marks far beyond the depth limit begins. The library takes seconds over thousands of them
 * before it fails; a definition has no use for such a run, not even inside text.
 */
function findDeepFlow(text: string): number | undefined {
  let run = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text[at] ?? '';
    if (c === ' ' || c === '\n' || c === '\t' || c === '\r') continue;
    const opens = c === '[' || c === '{' || ('-?:'.includes(c) && /\s/.test(text[at + 1] ?? ''));
    if (!opens) run = 0;
    else if (run++ === 0) start = at;
    else if (run > MAX_RUN) return start;
  }
  return undefined;
}
