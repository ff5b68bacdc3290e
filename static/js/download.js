// Saving files: what the server keeps for the page, and what the page has made itself.

import { el } from './dom.js';

/** How long a file of the page's own is kept for the browser, which reads it by itself. */
const KEEP_MS = 10_000;

/** Has the browser save what is at an address. @param {string} href @param {string} name as what; empty: as the server says */
export function download(href, name = '') {
  const link = el('a', { href, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Has the browser save what the page has. @param {string} name @param {Blob} blob */
export function saveBlob(name, blob) {
  const url = URL.createObjectURL(blob);
  download(url, name);
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
