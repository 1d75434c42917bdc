import type { ComponentChildren } from 'preact';

/** What a page needs beyond what every page may do; see `render/policy.ts`. */
export interface PolicyNeeds {
  /** Its script fetches from this registry, and from where the registry sends it. */
  readonly connects?: true;
}

/** One page: what its route has made of data. Rendering it needs nothing but this and the {@link Site}. */
export interface Page {
  /** Without the name of the site. */
  readonly title: string;
  /** One sentence, for whoever shares the address. */
  readonly description?: string;
  readonly body: ComponentChildren;
  /** Part of the navigation that it belongs to. */
  readonly section?: Section;
  /** Text of the search box of the header; null where the page has a larger one of its own. */
  readonly searched?: string | null;
  readonly needs?: PolicyNeeds;
  /** Whether search engines may list it; pages of problems and of lists that go on for ever are not listed. */
  readonly isListed?: boolean;
}

export type Section = 'search' | 'tags' | 'account' | 'admin';

/** Somebody who is signed in with this browser. */
export interface Viewer {
  readonly user: string;
  readonly isAdmin: boolean;
  /** Goes along with every form that changes something; see `forms/form-token.ts`. */
  readonly formToken: string;
}

/** What is around every page. */
export interface Site {
  /** Name of the registry in everything that is signed for it. */
  readonly origin: string;
  /** Undefined for strangers. */
  readonly viewer: Viewer | undefined;
  /** Whether this registry has a sign-in by a browser. */
  readonly hasSignIn: boolean;
  /** Path of this page, to come back to after a sign-in. */
  readonly path: string;
}
