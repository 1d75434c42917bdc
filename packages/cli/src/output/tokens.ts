import type { TokenList } from '@sheaf/client/contract';
import type { Look } from '../frame/command.js';
import { renderTable, type Cell, type Column } from '../terminal/table.js';
import { formatAge, formatDay } from '../terminal/text.js';

type Token = TokenList['tokens'][number];

const COLUMNS: readonly Column[] = [{}, { least: 12 }, { least: 16, drop: 2 }, { drop: 1 }, {}];

/** A line a token: `e8c3b48445303400  laptop  publish:acme  used 3 days ago  ends 2027-02-19`; in a pipe with whole times. */
export function describeTokens(tokens: readonly Token[], look: Pick<Look, 'columns' | 'nowMs'>): string {
  return renderTable(
    COLUMNS,
    tokens.map((token) => cellsOf(token, look.nowMs)),
    look,
  );
}

function cellsOf({ id, name, scopes, lastUsedAt, expiresAt }: Token, nowMs: number): readonly Cell[] {
  const used = lastUsedAt === undefined ? 'never used' : `used ${formatAge(lastUsedAt, nowMs)}`;
  const may = scopes.length === 0 ? '-' : scopes.join(' ');
  return [
    id,
    name,
    may,
    { text: used, full: lastUsedAt ?? '' },
    { text: describeEnd(expiresAt, nowMs), full: expiresAt ?? '' },
  ];
}

function describeEnd(expiresAt: string | undefined, nowMs: number): string {
  if (expiresAt === undefined) return 'never expires';
  return `${Date.parse(expiresAt) <= nowMs ? 'expired' : 'expires'} ${formatDay(expiresAt)}`;
}
