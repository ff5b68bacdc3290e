// Before anything is drawn: the theme, the size and the language chosen last time. A classic script, so that nothing flashes.
'use strict';
{
  const root = document.documentElement;
  let language = null;
  try {
    const theme = localStorage.getItem('theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    if (localStorage.getItem('scale') === 'large') root.dataset.scale = 'large';
    language = localStorage.getItem('language');
  } catch {
    // No storage (a private window): the system's theme, the normal size and the language that the browser asks for.
  }
  // ?lang=zh says it for this page alone: a link may, and the switch does where there is no storage.
  language = new URLSearchParams(location.search).get('lang') ?? language;
  if (language === 'zh') root.lang = 'zh-CN';
  else if (language === 'en') root.lang = 'en';
  // The page is written in English; main.js translates it before it is seen.
  if (root.lang.startsWith('zh')) root.dataset.untranslated = '';
}
