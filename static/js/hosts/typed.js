/** A whole number in decimal digits: 010 and 0x10 are none, which programs read in two ways. @param {string} text */
export function plainNumber(text) {
  return /^(?:0|[1-9]\d*)$/.test(text.trim()) ? Number(text) : null;
}

/**
 * A number as it was typed in a field that may stay empty, and then says nothing. The server says what it does not take: 0
 * where there is none, and what is no number, which has none to be sent as.
 * @param {string} text
 */
export function typedNumber(text) {
  if (text.trim() === '') return undefined;
  return /^\d+\.\d+$/.test(text.trim()) ? Number(text) : plainNumber(text) ?? -1;
}
