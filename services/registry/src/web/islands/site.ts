import { copyOnClick } from './copy.js';
import { focusSearchOnSlash } from './search-key.js';
import { loadOnClick } from './on-click.js';
import { chooseTheme } from './theme.js';

// The script of every page. Whatever it does, the page says it too without it.
const start = () => {
  copyOnClick();
  focusSearchOnSlash();
  chooseTheme();
  loadOnClick();
};
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
