import { connectSearch, type SearchDatabase } from '../db/search-database.js';
import { describeError } from '../describe-error.js';
import type { Base } from './base.js';
import type { Closable } from './close-stack.js';

export interface OpenedSearch extends Closable {
  readonly searchDb: SearchDatabase;
}

/** Connections that only search: their plans and their time limit are of their own. None is made before the first search. */
export function openSearch({ config, database, log }: Base): OpenedSearch {
  const searchDb = connectSearch({
    url: database.url,
    maxConnections: config.search.connections,
    onConnectionError: (error) => {
      log.warn({ error: describeError(error) }, 'a connection for searches broke');
    },
  });
  return { searchDb, close: () => searchDb.close() };
}
