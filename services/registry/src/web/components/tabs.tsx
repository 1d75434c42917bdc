export interface Tab {
  readonly label: string;
  readonly href: string;
  readonly count?: number;
  readonly isHere: boolean;
}

/** Pages about one thing, as links: each has an address of its own. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      <ul class="plain">
        {tabs.map((tab) => (
          <li key={tab.href}>
            <a href={tab.href} {...(tab.isHere && { 'aria-current': 'page' })}>
              {tab.label}
              {tab.count !== undefined && <span class="count"> {tab.count}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
