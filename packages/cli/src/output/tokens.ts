import type { TokenList } from '@sheaf/client/contract';
import { printable } from '../terminal/escape.js';
import { formatAge, padTo, widthOf } from '../terminal/text.js';

type Token = TokenList['tokens'][number];

/** A line a token: `e8c3b48445303400  laptop  publish:acme  used 3 days ago  ends 2027-02-19`. */
export function describeTokens(tokens: readonly Token[], nowMs: number): string {
  const rows = tokens.map((token) => cellsOf(token, nowMs));
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row) => row.map((cell, i) => padTo(cell, widths[i] ?? 0)).join('  ')).join('\n');
}

function cellsOf({ id, name, scopes, lastUsedAt, expiresAt }: Token, nowMs: number): readonly string[] {
  const used = lastUsedAt === undefined ? 'never used' : `used ${formatAge(lastUsedAt, nowMs)}`;
  const may = scopes.length === 0 ? '-' : scopes.join(' ');
  return [id, name, may, used, describeEnd(expiresAt, nowMs)].map((cell) => printable(cell));
}

function describeEnd(expiresAt: string | undefined, nowMs: number): string {
  if (expiresAt === undefined) return 'never ends';
  return `${Date.parse(expiresAt) <= nowMs ? 'ended' : 'ends'} ${expiresAt.slice(0, 10)}`;
}
