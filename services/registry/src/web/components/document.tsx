import type { Assets } from '../assets/assets.js';
import type { Page, Site } from '../page.js';
import { Footer } from './footer.js';
import { Header } from './header.js';

/** What every page has around its own content: head, header, main landmark, footer. */
export function Document({ assets, site, page }: { assets: Assets; site: Site; page: Page }) {
  const { title, description, isListed = true } = page;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title === site.origin ? title : `${title} · ${site.origin}`}</title>
        {description !== undefined && <meta name="description" content={description} />}
        {!isListed && <meta name="robots" content="noindex" />}
        <meta name="color-scheme" content="light dark" />
        {/* Text of our own build; its hash is in the policy. */}
        <script dangerouslySetInnerHTML={{ __html: assets.boot }} />
        <link rel="stylesheet" href={assets.css} />
        <link rel="icon" href={assets.icon} type="image/svg+xml" />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <Header
          site={site}
          section={page.section}
          searched={page.searched === undefined ? '' : page.searched}
        />
        <main id="main" tabIndex={-1}>
          {page.body}
        </main>
        <Footer site={site} />
      </body>
    </html>
  );
}
