// What the browser remembers: theme, size, network, recent sends, whether letter keys act. Nothing else.

const MAX_RECENT = 20;
// A longer send is not worth remembering, and storage is small.
const MAX_RECENT_LENGTH = 2_000;

/** @param {string} name @returns {string|null} */
function get(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string|null} value */
function set(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // No storage: it holds until the page is left.
  }
}

/** @typedef {'system'|'light'|'dark'} Theme */

/** @returns {Theme} */
export function theme() {
  const value = get('theme');
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** @param {Theme} theme */
export function setTheme(theme) {
  set('theme', theme === 'system' ? null : theme);
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function large() {
  return document.documentElement.dataset.scale === 'large';
}

/** @param {boolean} large */
export function setLarge(large) {
  set('scale', large ? 'large' : null);
  if (large) document.documentElement.dataset.scale = 'large';
  else delete document.documentElement.dataset.scale;
}

export function keysOff() {
  return get('keys') === 'off';
}

/** @param {boolean} off */
export function setKeysOff(off) {
  set('keys', off ? 'off' : null);
}

/** Whether the bytes of the connection stand below its segments. */
export function followsStream() {
  return get('stream') !== 'off';
}

/** @param {boolean} on */
export function setFollowsStream(on) {
  set('stream', on ? null : 'off');
}

/** Whether ladder and diagram stand beside each other, where there is room. */
export function sideBySide() {
  return get('side') === 'on';
}

/** @param {boolean} on */
export function setSideBySide(on) {
  set('side', on ? 'on' : null);
}

/** The built-in demos that ran to their end here, by name. @returns {Set<string>} */
export function doneDemos() {
  return new Set((get('demos-done') ?? '').split(' ').filter(Boolean));
}

/** @param {string} id */
export function addDoneDemo(id) {
  set('demos-done', [...doneDemos().add(id)].join(' '));
}

/** Whether demos ask for a prediction before the steps that have one. */
export function predictsFirst() {
  return get('predict') === 'on';
}

/** @param {boolean} on */
export function setPredictsFirst(on) {
  set('predict', on ? 'on' : null);
}

/** Whether demos wait before each step. */
export function stepsByHand() {
  return get('demo-steps') === 'on';
}

/** @param {boolean} on */
export function setStepsByHand(on) {
  set('demo-steps', on ? 'on' : null);
}

/** The network that the person chose; null: none yet. @returns {import('./types.js').Network|null} */
export function chosenNetwork() {
  const value = get('network');
  return value === 'lab' || value === 'machine' ? value : null;
}

/** @param {import('./types.js').Network} network */
export function rememberNetwork(network) {
  set('network', network);
}

/** @typedef {'go'|'python'|'c'|'shell'} CodeLanguage */

/** @returns {CodeLanguage} */
export function codeLanguage() {
  const value = get('code-language');
  return value === 'python' || value === 'c' || value === 'shell' ? value : 'go';
}

/** @param {CodeLanguage} language */
export function setCodeLanguage(language) {
  set('code-language', language);
}

/** @typedef {'text'|'hex'|'c'|'base64'} StreamFormat */

/** @returns {StreamFormat} */
export function streamFormat() {
  const value = get('stream-format');
  return value === 'hex' || value === 'c' || value === 'base64' ? value : 'text';
}

/** @param {StreamFormat} format */
export function setStreamFormat(format) {
  set('stream-format', format);
}

/** @typedef {{data: string, encoding: 'text'|'hex'|'base64'}} Sent */

/** The newest first. @returns {Sent[]} */
export function recentSends() {
  try {
    const list = JSON.parse(get('sends') ?? '[]');
    return Array.isArray(list) ? list.filter((s) => typeof s?.data === 'string' && typeof s?.encoding === 'string') : [];
  } catch {
    return [];
  }
}

/** @param {Sent} sent */
export function rememberSend(sent) {
  if (sent.data === '' || sent.data.length > MAX_RECENT_LENGTH) return;
  const rest = recentSends().filter((s) => s.data !== sent.data || s.encoding !== sent.encoding);
  set('sends', JSON.stringify([sent, ...rest].slice(0, MAX_RECENT)));
}
