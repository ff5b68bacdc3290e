// Before anything is drawn: the theme and the size chosen last time. A classic script, so that nothing flashes.
'use strict';
{
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem('theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    if (localStorage.getItem('scale') === 'large') root.dataset.scale = 'large';
  } catch {
    // No storage (a private window): the system's theme and the normal size.
  }
}
