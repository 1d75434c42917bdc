// Runs before the page is drawn, inline: sets the theme that was chosen, so that nothing flashes, and loads the rest.
const root = document.documentElement;
root.dataset['js'] = '';
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') root.dataset['theme'] = theme;
} catch {
  // Storage that is refused leaves the theme to the system.
}
const script = document.createElement('script');
script.src = SITE_SCRIPT;
script.defer = true;
document.head.append(script);
