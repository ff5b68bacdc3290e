// Small helpers for building DOM without markup strings, which the page's Trusted Types policy forbids.

/** @import {Phase, TcpState} from './types.js' */

import { phaseOf } from './format.js';

const SVG = 'http://www.w3.org/2000/svg';

/** @typedef {Node|string|number|null|undefined|false} Leaf */
/** @typedef {Leaf|Leaf[]} Child */

/**
 * An HTML element. Keys starting with "on" are listeners, `dataset` and `style` are objects of names and values
 * (custom properties included), `class` is the class; true and false set and leave out an attribute.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>|null} [attrs]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attrs, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attrs);
  append(element, children);
  return element;
}

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>|null} [attrs]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attrs, ...children) {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attrs);
  append(element, children);
  return element;
}

/**
 * @param {HTMLElement|SVGElement} element
 * @param {Record<string, any>|null|undefined} attrs
 */
function setAttributes(element, attrs) {
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'dataset') Object.assign(element.dataset, value);
    else if (name === 'style') for (const [k, v] of Object.entries(value)) element.style.setProperty(k, String(v));
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * @param {Element} parent
 * @param {Child[]} children
 */
function append(parent, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * An icon of the sprite in index.html, 16 px.
 * @param {string} id
 */
export function icon(id) {
  return svg('svg', { class: 'icon', 'aria-hidden': 'true' }, svg('use', { href: `#${id}` }));
}

/** The shape that goes with a phase, so that colour is never alone. @type {Record<Phase, string>} */
const SHAPES = { idle: 's-idle', opening: 's-opening', open: 's-open', closing: 's-closing', wait: 's-wait', error: 's-error' };

/**
 * @param {TcpState} state
 * @param {string} [reason]
 */
export function shapeOf(state, reason) {
  return state === 'LISTEN' ? 's-listen' : SHAPES[phaseOf(state, reason)];
}

/**
 * A state chip: word, shape, colour.
 * @param {TcpState} state
 * @param {{reason?: string, text?: string}} [more] `text` replaces the state's name
 */
export function chip(state, more = {}) {
  return el('span', { class: 'chip', dataset: { phase: phaseOf(state, more.reason) } },
    svg('svg', { 'aria-hidden': 'true' }, svg('use', { href: `#${shapeOf(state, more.reason)}` })),
    more.text ?? state);
}

/**
 * Sets the text only where it differs: most updates change nothing, and writing makes the browser lay out again.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets an attribute only where it differs; null takes it away.
 * @param {Element} element
 * @param {string} name
 * @param {string|null} value
 */
export function setAttr(element, name, value) {
  if (value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * A key cap; names of controls do not contain it.
 * @param {string} key
 */
export function kbd(key) {
  return el('kbd', { 'aria-hidden': 'true' }, key);
}
