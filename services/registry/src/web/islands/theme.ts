/** The select of the footer: light, dark, or as the system says. What was chosen is kept in this browser alone. */
export function chooseTheme(): void {
  const select = document.querySelector('select[data-theme-choice]');
  if (!(select instanceof HTMLSelectElement)) return;
  const root = document.documentElement;
  select.value = root.dataset['theme'] ?? 'auto';
  select.addEventListener('change', () => {
    const theme = select.value;
    if (theme === 'auto') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    try {
      if (theme === 'auto') localStorage.removeItem('theme');
      else localStorage.setItem('theme', theme);
    } catch {
      // Then it holds for this page.
    }
  });
}
