import { parseNamespace } from '@sheaf/workflow';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { decodeCursor, search } from '../../domain/search/search.js';
import type { Handler, RequestContext } from '../../http/context.js';
import { sendJson } from '../../http/respond.js';
import { readableByCaller } from '../readable.js';

const MAX_TEXT = 200;
const MAX_TAGS = 10;
const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;
const PERMISSIONS = ['network', 'exec', 'read', 'write', 'secrets'];
const KNOWN = new Set(['q', 'tag', 'owner', 'license', 'permission', 'limit', 'cursor']);

/** `GET /v1/workflows?q&tag&owner&license&permission&limit&cursor`: search. */
export function searchWorkflows(deps: AppDeps): Handler {
  return async (ctx) => {
    sendJson(ctx, await search(deps, { ...parseQuery(ctx), readable: readableByCaller(ctx) }));
  };
}

function parseQuery(ctx: RequestContext) {
  const query = new URLSearchParams(ctx.querystring);
  for (const name of query.keys()) {
    if (!KNOWN.has(name))
      throw invalid(name.slice(0, 40), `is not a parameter of search; known are ${[...KNOWN].join(', ')}`);
  }
  const tags = query.getAll('tag');
  if (tags.length > MAX_TAGS) throw invalid('tag', `may be given ${MAX_TAGS} times at most`);
  return {
    text: textOf(query, 'q') ?? '',
    tags: tags.map((tag) => bounded('tag', tag)),
    ...checked('owner', textOf(query, 'owner'), isNamespace, 'is not a namespace'),
    ...checked('license', textOf(query, 'license'), () => true, ''),
    ...checked(
      'permission',
      textOf(query, 'permission'),
      (p) => PERMISSIONS.includes(p),
      `must be one of ${PERMISSIONS.join(', ')}`,
    ),
    limit: parseLimit(query.get('limit')),
    offset: parseCursor(query.get('cursor')),
  };
}

function textOf(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  return value === null ? undefined : bounded(name, value);
}

function bounded(name: string, value: string): string {
  if (value.length > MAX_TEXT) throw invalid(name, `is longer than ${MAX_TEXT} characters`);
  if (value.includes('\0')) throw invalid(name, 'holds a NUL character');
  return value;
}

function checked(
  name: 'owner' | 'license' | 'permission',
  value: string | undefined,
  isValid: (v: string) => boolean,
  detail: string,
): Partial<Record<'owner' | 'license' | 'permission', string>> {
  if (value === undefined) return {};
  if (!isValid(value)) throw invalid(name, detail);
  return { [name]: value };
}

function isNamespace(text: string): boolean {
  try {
    parseNamespace(text);
    return true;
  } catch {
    return false;
  }
}

function parseLimit(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) throw invalid('limit', `must be a number from 1 to ${MAX_LIMIT}`);
  return limit;
}

function parseCursor(text: string | null): number {
  if (text === null) return 0;
  const offset = decodeCursor(text);
  if (offset === undefined) throw invalid('cursor', 'is not a cursor of this registry');
  return offset;
}

function invalid(name: string, detail: string): RegistryError {
  return new RegistryError('request.invalid', `${name} ${detail}`, {
    errors: [{ pointer: `?${name}`, code: 'parameter.invalid', detail: `${name} ${detail}` }],
  });
}
