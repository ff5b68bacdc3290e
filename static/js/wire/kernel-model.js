// Which kernel settings of the Lab's hosts differ from what they were. Pure.

/** @import {Host, Lab} from '../types.js' */

import { t } from '../i18n.js';

/** One of the curated settings. @typedef {{name: string, sentence: string, hint?: string}} Setting */

/** @type {Host[]} */
const HOSTS = ['client', 'server'];
/** What the one line says of a host that nobody changed. */
const TOLD = ['tcp_congestion_control', 'tcp_syn_retries'];

/** "tcp_syn_retries" of "net.ipv4.tcp_syn_retries". @param {string} name */
export function shortName(name) {
  return name.slice(name.lastIndexOf('.') + 1);
}

/**
 * The names of those that differ at one of the hosts.
 * @param {Setting[]} settings
 * @param {Pick<Lab, 'kernel'|'kernel_defaults'>} lab
 */
export function changedSettings(settings, { kernel, kernel_defaults }) {
  return settings.map((s) => s.name).filter((name) => HOSTS.some((host) => {
    const value = kernel[host]?.[name];
    return value !== undefined && kernel_defaults[name] !== undefined && value !== kernel_defaults[name];
  }));
}

/**
 * "cubic, tcp_syn_retries 6, 1 changed"
 * @param {Setting[]} settings
 * @param {Pick<Lab, 'kernel'|'kernel_defaults'>} lab
 */
export function kernelSummary(settings, lab) {
  const parts = [];
  for (const told of TOLD) {
    const name = settings.find((s) => shortName(s.name) === told)?.name;
    const value = name && lab.kernel.client?.[name];
    if (value) parts.push(told === 'tcp_congestion_control' ? value : `${told} ${value}`);
  }
  const changed = changedSettings(settings, lab).length;
  if (changed) parts.push(t('{n} changed', { n: changed }));
  return parts.join(', ');
}
