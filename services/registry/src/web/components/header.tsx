import type { Section, Site } from '../page.js';
import { pages } from '../paths.js';
import { FormToken } from './form-token.js';
import { Logo } from './icons.js';
import { SearchForm } from './search-form.js';

/** The top of every page: where one is, the search box, and who is signed in. */
export function Header({
  site,
  section,
  searched,
}: {
  site: Site;
  section: Section | undefined;
  searched: string | null;
}) {
  return (
    <header class="top">
      <div class="top-row">
        <a class="brand" href={pages.home()}>
          <Logo />
          Sheaf
        </a>
        {searched !== null && <SearchForm value={searched} id="top-search" />}
        <nav aria-label="Main">
          <ul class="plain">
            <NavLink href={pages.search({ sort: 'recent' })} isHere={section === 'search'} label="Browse" />
            <NavLink href={pages.tags()} isHere={section === 'tags'} label="Tags" />
            <Account site={site} section={section} />
          </ul>
        </nav>
      </div>
    </header>
  );
}

function NavLink({ href, isHere, label }: { href: string; isHere: boolean; label: string }) {
  return (
    <li>
      <a href={href} {...(isHere && { 'aria-current': 'true' })}>
        {label}
      </a>
    </li>
  );
}

function Account({ site, section }: { site: Site; section: Section | undefined }) {
  const { viewer, hasSignIn, path } = site;
  if (viewer === undefined)
    return hasSignIn ? <NavLink href={pages.signIn(path)} isHere={false} label="Sign in" /> : null;
  return (
    <>
      <NavLink href={pages.account()} isHere={section === 'account'} label={viewer.user} />
      <li>
        <form method="post" action={pages.signOut()}>
          <FormToken viewer={viewer} />
          <button class="link">Sign out</button>
        </form>
      </li>
    </>
  );
}
