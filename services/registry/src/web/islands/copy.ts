const TOLD_MS = 2000;

/** Buttons with `data-copy` copy the text of the element of that id, and say so, to screen readers too. */
export function copyOnClick(): void {
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button[data-copy]') : null;
    if (!(button instanceof HTMLElement)) return;
    const source = document.getElementById(button.dataset['copy'] ?? '');
    if (source !== null) void copy(source.textContent.trim(), button);
  });
}

async function copy(text: string, button: HTMLElement): Promise<void> {
  const label = button.querySelector('[data-label]') ?? button;
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(text);
    label.textContent = 'Copied';
  } catch {
    label.textContent = 'Press Ctrl+C';
    select(document.getElementById(button.dataset['copy'] ?? ''));
  }
  setTimeout(() => {
    label.textContent = before;
  }, TOLD_MS);
}

function select(element: Element | null): void {
  if (element !== null) getSelection()?.selectAllChildren(element);
}
