// Before anything is drawn: the theme, the size and the language chosen last time. A classic script, so that nothing flashes.
'use strict';
{
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem('theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    if (localStorage.getItem('scale') === 'large') root.dataset.scale = 'large';
    const language = localStorage.getItem('language');
    if (language === 'zh') root.lang = 'zh-CN';
    else if (language === 'en') root.lang = 'en';
  } catch {
    // No storage (a private window): the system's theme, the normal size and the language that the browser asks for.
  }
  // The page is written in English; main.js translates it before it is seen.
  if (root.lang.startsWith('zh')) root.dataset.untranslated = '';
}
