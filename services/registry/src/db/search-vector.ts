import { sql, type RawBuilder } from 'kysely';
import type { VersionFacts } from '../domain/publish/facts.js';

/**
 * How much of each text is indexed, in characters. Together they stay far below what a tsvector can hold (1 MiB) and
 * cost a few milliseconds, whatever the words are.
 */
const LIMITS = { described: 4_000, interface: 8_000, readme: 20_000 } as const;

export interface IndexedText {
  readonly namespace: string;
  readonly name: string;
  readonly facts: VersionFacts;
  readonly readme: string | undefined;
}

/** What search finds a version by, weighted: name A; title, tags and description B; parameters and permissions C; README D. */
export function searchVector({ namespace, name, facts, readme }: IndexedText): RawBuilder<string> {
  const names = `${namespace} ${name} ${name.replaceAll('-', ' ')}`;
  const described = [facts.title, facts.description, ...facts.tags].join(' ').slice(0, LIMITS.described);
  const permissions = Object.entries(facts.permissions).flatMap(
    ([kind, values]: [string, readonly string[]]) => (values.length > 0 ? [kind, ...values] : []),
  );
  const parameters = Object.entries(facts.parameters).flatMap(([key, parameter]) => [
    key,
    descriptionOf(parameter),
  ]);
  const interfaceText = [...parameters, ...permissions].join(' ').slice(0, LIMITS.interface);
  return sql<string>`(
    setweight(to_tsvector('simple', ${names}), 'A') ||
    setweight(to_tsvector('english', ${described}), 'B') ||
    setweight(to_tsvector('english', ${interfaceText}), 'C') ||
    setweight(to_tsvector('english', ${(readme ?? '').slice(0, LIMITS.readme)}), 'D'))`;
}

function descriptionOf(parameter: unknown): string {
  const isRecord = typeof parameter === 'object' && parameter !== null;
  return isRecord && 'description' in parameter && typeof parameter.description === 'string'
    ? parameter.description
    : '';
}
