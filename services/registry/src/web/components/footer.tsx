import type { Site } from '../page.js';
import { pages } from '../paths.js';

/** The end of every page. The choice of a theme is shown where scripts run, which it needs. */
export function Footer({ site }: { site: Site }) {
  return (
    <footer class="bottom">
      <div class="bottom-row">
        <p>
          <bdi>{site.origin}</bdi>: signed workflows, each in a public log.
        </p>
        <nav aria-label="More">
          <ul class="plain">
            <li>
              <a href="/openapi.json">API</a>
            </li>
            <li>
              <a href="/feed.atom">Feed</a>
            </li>
            <li>
              <a href={pages.problems()}>Errors</a>
            </li>
            <li class="needs-script">
              <label>
                Theme{' '}
                <select data-theme-choice>
                  <option value="auto">System</option>
                  <option value="light">Light</option>
                  <option value="dark">Dark</option>
                </select>
              </label>
            </li>
          </ul>
        </nav>
      </div>
    </footer>
  );
}
