// Keeping a demo: as a link, as a file, and what was done by hand as a new one.

/** @import {Catalog, Opened} from './catalog.js' */
/** @import {Voice} from '../voice.js' */

import { copyText } from '../copy.js';
import { download, saveBlob } from '../download.js';
import { t } from '../i18n.js';
import { encode } from './link.js';

/** Puts the whole demo into a link and copies it; what is too long for a link is saved as a file. @param {Opened} opened @param {Catalog} catalog @param {Voice} voice */
export async function copyLink(opened, catalog, voice) {
  const text = await encode(opened.demo);
  if (text === null) {
    voice.notice(t('This demo is too long for a link. It is saved as a file instead.'), 'info');
    await saveFile(opened, catalog);
    return;
  }
  const url = new URL(location.pathname, location.href);
  url.hash = `demo=${text}`;
  if (await copyText(url.href)) voice.notice(t('Link copied. The whole demo is in it; whoever opens it sees what it would do before it runs.'), 'info');
}

/** Saves the demo: as its file is, where there is one; otherwise as JSON, which is read just the same. @param {Opened} opened @param {Catalog} catalog */
export async function saveFile({ demo, text }, catalog) {
  if (text !== undefined) saveBlob(`${demo.id}.yaml`, new Blob([text], { type: 'application/yaml' }));
  else if (await catalog.has(demo)) download(`demos/${demo.id}.yaml`, `${demo.id}.yaml`);
  else saveBlob(`${demo.id}.json`, new Blob([`${JSON.stringify(demo, null, 2)}\n`], { type: 'application/json' }));
}
