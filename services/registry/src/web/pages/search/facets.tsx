import type { SearchFacets } from '@sheaf/client/contract';
import { visible } from '../../components/foreign.js';
import { permissionWords } from '../../components/permissions.js';
import { addressOf, changed, type AskedSearch } from './asked.js';

const SHOWN = 8;

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly workflows: number | undefined;
  readonly isChosen: boolean;
  /** Where a click leads: with it, or without it. */
  readonly href: string;
}

/** What the hits have in common, as links that narrow the search; a chosen one leads back. */
export function Facets({ asked, facets }: { asked: AskedSearch; facets: SearchFacets }) {
  const single = (name: 'owner' | 'license' | 'permission' | 'state', found: SearchFacets['owners']) =>
    choicesOf(found, asked[name] === undefined ? [] : [asked[name]], (value, isChosen) =>
      changed(asked, { [name]: isChosen ? undefined : value }),
    );
  const tags = choicesOf(facets.tags, asked.tags, (tag, isChosen) =>
    changed(asked, { tags: isChosen ? asked.tags.filter((each) => each !== tag) : [...asked.tags, tag] }),
  );
  const named = (choice: Choice) => ({ ...choice, label: permissionWords(choice.value).title });
  return (
    <aside class="facets" aria-label="Narrow the search">
      <Facet title="Tag" choices={tags} />
      <Facet title="Asks for" choices={single('permission', facets.permissions).map(named)} />
      <Facet title="Namespace" choices={single('owner', facets.owners)} />
      <Facet title="Licence" choices={single('license', facets.licenses)} />
      <Facet title="State" choices={single('state', facets.states)} />
    </aside>
  );
}

function Facet({ title, choices }: { title: string; choices: readonly Choice[] }) {
  if (choices.length === 0) return null;
  return (
    <section class="facet">
      <h2>{title}</h2>
      <ul class="plain">
        {choices.map(({ value, label, workflows, isChosen, href }) => (
          <li key={value}>
            <a href={href} {...(isChosen && { 'aria-current': 'true' })}>
              <bdi>{visible(label, 60)}</bdi>
              {isChosen && <span class="visually-hidden"> chosen, click to remove</span>}
            </a>
            {isChosen && <span aria-hidden="true"> ×</span>}
            {workflows !== undefined && <span class="count"> {workflows.toLocaleString('en')}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The most frequent, and those that were chosen though nothing is left of them. */
function choicesOf(
  found: SearchFacets['owners'],
  chosen: readonly string[],
  next: (value: string, isChosen: boolean) => AskedSearch,
): readonly Choice[] {
  const counts = new Map(found.map(({ value, workflows }) => [value, workflows]));
  const shown = [...new Set([...chosen, ...found.slice(0, SHOWN).map(({ value }) => value)])];
  return shown.map((value) => {
    const isChosen = chosen.includes(value);
    return {
      value,
      label: value,
      workflows: counts.get(value),
      isChosen,
      href: addressOf(next(value, isChosen)),
    };
  });
}
