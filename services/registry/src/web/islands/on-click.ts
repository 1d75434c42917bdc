/** What a script on demand exports. */
interface OnDemand {
  /** Does its work for the element that was clicked. */
  readonly start: (element: HTMLElement) => Promise<void>;
}

/** A button with `data-load` loads the script of that name when it is clicked, and hands itself over. */
export function loadOnClick(): void {
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button[data-load]') : null;
    if (!(button instanceof HTMLElement)) return;
    const name = button.dataset['load'] ?? '';
    // Only what the build has named: an address is never taken from the page.
    const address = Object.hasOwn(ON_DEMAND, name) ? ON_DEMAND[name] : undefined;
    if (address !== undefined) void load(address, button);
  });
}

async function load(address: string, button: HTMLElement): Promise<void> {
  const { start } = (await import(address)) as OnDemand;
  await start(button);
}
