import { sql, type Kysely } from 'kysely';

const PUBLIC_ORDERS = [
  ['name', 'name, namespace'],
  ['quality', 'quality desc, workflow_id desc'],
  ['downloads', 'downloads desc, workflow_id desc'],
  ['time', 'published_at desc, workflow_id desc'],
] as const;

/**
 * One row for each workflow that search shows, with all that a hit needs, written by the transaction that makes it visible.
 *
 * `terms` holds what it is found by; a lexeme's first character says what it stands for (a word of the name, a stem, a
 * tag …), so that one index answers words, filters and misspelled names alike. `head` is the part of it that describes
 * the workflow at first sight, small enough to be looked at for every match.
 *
 * A shelf is a range of the public catalogue by rank: 0 the best thousand, 1 the seven thousand after them, 2 the next
 * 56,000, 3 the rest; 9 is everything private. Each has its own index, and a query stops at the shelf that fills it: what
 * it costs does not grow with the catalogue.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table search_entries (
      workflow_id bigint primary key references workflows on delete cascade,
      realm text collate "C" not null,
      namespace text collate "C" not null,
      name text collate "C" not null,
      name_words smallint not null,
      shelf smallint not null constraint search_entries_shelf check (shelf in (0, 1, 2, 3, 9)),
      is_deprecated boolean not null,
      published_at timestamptz not null,
      downloads bigint not null,
      quality real not null,
      facets text not null,
      card text not null,
      head tsvector not null,
      terms tsvector not null,
      constraint search_entries_private check ((realm = 'public') = (shelf <> 9))
    ) with (fillfactor = 85)`.execute(db);
  // Read for every match: never packed, never apart from their row.
  await sql`alter table search_entries alter column head set storage plain, alter column facets set storage plain`.execute(
    db,
  );
  for (const shelf of [0, 1, 2, 3, 9]) {
    // Without a list of pending changes: every search would read it, and one publish in many would pay for all of it.
    await sql`
      create index ${sql.id(`search_entries_terms_${shelf}`)} on search_entries
        using gin (terms) with (fastupdate = off) where shelf = ${sql.lit(shelf)}`.execute(db);
  }
  // What is private must not be waded through to find what is public, nor the other way round.
  for (const [name, columns] of PUBLIC_ORDERS) {
    await sql`create index ${sql.id(`search_entries_by_${name}`)} on search_entries (${sql.raw(columns)}) where shelf <> 9`.execute(
      db,
    );
  }
  await sql`create index search_entries_private_names on search_entries (name) where shelf = 9`.execute(db);
  // Names that share letters are looked for among the best 8,000 only: what such a query reads would grow with all others.
  await sql`
    create index search_entries_spelling on search_entries using gin (name gin_trgm_ops) where shelf in (0, 1)`.execute(
    db,
  );

  await sql`
    create table search_tags (
      realm text collate "C" not null,
      tag text collate "C" not null,
      workflows bigint not null constraint search_tags_workflows check (workflows >= 0),
      primary key (realm, tag)
    ) with (fillfactor = 70)`.execute(db);

  // How a version's terms were made; what is behind is indexed again in the background, oldest first.
  await sql`alter table versions add column search_format smallint not null default 0`.execute(db);
  await sql`alter table versions alter column search_format set default 1`.execute(db);
  await sql`create index versions_to_index on versions (id) where search_format = 0`.execute(db);

  await sql`drop index workflows_search`.execute(db);
  await sql`drop index workflows_name_trgm`.execute(db);
}
