// The code of the playground: what the page says where the connection does not tell that it is the user's own. It comes in
// the fragment of the address that the terminal printed, which no browser sends anywhere, and does not stay there: an
// address is copied, and kept in the history. It is kept for this tab and what is opened from it, so that a reload needs no other.

const KEPT = 'code';
const CODE = /(?:^|[^0-9a-z])([0-9a-f]{32})(?:$|[^0-9a-z])/;

/** Kept here where there is no storage. */
let known = '';

/** @returns {string} '' where there is none */
export function keptCode() {
  try {
    return sessionStorage.getItem(KEPT) ?? known;
  } catch {
    return known;
  }
}

/** @param {string} code */
export function keepCode(code) {
  known = code;
  try {
    sessionStorage.setItem(KEPT, code);
  } catch {
    // No storage: known until the page is loaded again.
  }
}

/** The code in what a person gives: the code itself, or an address with it. @param {string} text @returns {string} '' if it has none */
export function codeIn(text) {
  const lower = text.trim().toLowerCase();
  return /[#&]code=([0-9a-f]{32})(?![0-9a-z])/.exec(lower)?.[1] ?? CODE.exec(lower)?.[1] ?? '';
}

/**
 * Takes the code out of a fragment. Pure.
 * @param {string} fragment
 * @returns {{code: string, rest: string}|null} null if it has none
 */
export function takeCode(fragment) {
  const parts = fragment.replace(/^#/, '').split('&');
  const at = parts.findIndex((part) => part.startsWith('code='));
  if (at < 0) return null;
  const rest = parts.filter((part) => !part.startsWith('code=')).join('&');
  return { code: codeIn(`#${parts[at]}`), rest: rest === '' ? '' : `#${rest}` };
}

/** Takes the code out of the address bar, and keeps it. @returns {boolean} whether there was one */
export function arriveWithCode() {
  const taken = takeCode(location.hash);
  if (!taken) return false;
  history.replaceState(history.state, '', location.pathname + location.search + taken.rest);
  if (taken.code === '') return false;
  keepCode(taken.code);
  return true;
}
