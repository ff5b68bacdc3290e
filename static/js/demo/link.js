// A demo as a link: `1.` and base64url of its deflated JSON, in the fragment, which no browser sends to a server.
// What comes out of a link is anybody's: it is bounded while it is inflated, and its shape is checked.

/** @import {Demo} from '../types.js' */

import { t } from '../i18n.js';
import { readShape } from './shape.js';

/** The version of the link's own form, which stands before its first dot. */
const VERSION = '1';
/** Longer links are cut by mail programs and chats (RFC 9110 §4.1 asks for 8000 octets at least). */
export const MAX_LINK = 8 << 10;
/** Small links can inflate to a thousand times their size. */
export const MAX_INFLATED = 64 << 10;

/**
 * @param {Demo} demo
 * @returns {Promise<string|null>} what stands behind `#demo=`; null: too long for a link
 */
export async function encode(demo) {
  const stream = new Blob([JSON.stringify(demo)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const text = `${VERSION}.${toBase64url(bytes)}`;
  return '#demo='.length + text.length > MAX_LINK ? null : text;
}

/**
 * @param {string} text what stands behind `#demo=`
 * @returns {Promise<{demo: Demo} | {error: string}>}
 */
export async function decode(text) {
  const [version, payload, more] = text.split('.');
  if (payload === undefined || more !== undefined || !/^\d{1,6}$/.test(version)) return { error: t('This link is damaged: it has no demo in it. Ask for it again, or for the file.') };
  if (version !== VERSION) return { error: t('This link was made by another version of the playground. Ask for the file of the demo.') };
  if (text.length > MAX_LINK) return { error: t('This link is longer than a demo may be. Ask for the file of the demo.') };
  try {
    return readShape(JSON.parse(await inflate(fromBase64url(payload))));
  } catch (error) {
    if (error instanceof TooLarge) return { error: t('This link holds more than a demo may have. It was not opened.') };
    return { error: t('This link is damaged: a part of it is missing or was changed. Ask for it again, or for the file.') };
  }
}

class TooLarge extends Error {}

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<string>} */
async function inflate(bytes) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > MAX_INFLATED) {
      await reader.cancel();
      throw new TooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** @param {Uint8Array} bytes */
function toBase64url(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new SyntaxError('not base64url');
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}
