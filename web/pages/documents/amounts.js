// Amounts of money as people type them: in the currency's own decimals, kept in its minor units.

import decimals from "./currencies.js";

const digitsOf = (currency) => decimals[currency] ?? 2;

// typed writes an amount of minor units as it is typed: 450 of USD is "4.50".
export function typed(amount, currency) {
  const digits = digitsOf(currency);
  const whole = String(Math.abs(amount)).padStart(digits + 1, "0");
  const text = digits === 0 ? whole : `${whole.slice(0, -digits)}.${whole.slice(-digits)}`;
  return amount < 0 ? `-${text}` : text;
}

// minorUnits reads what was typed, exactly, and returns null for what is no amount of the currency: a
// comma parts thousands, a point decimals, of which there are at most the currency's.
export function minorUnits(text, currency) {
  const digits = digitsOf(currency);
  const clean = text.normalize("NFKC").replace(/\s/gu, "").replace(/^[−–]/u, "-");
  const [, sign, whole, fraction = ""] = /^([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(clean) ?? [];
  if (whole === undefined || fraction.length > digits) return null;
  const amount = Number(whole.replaceAll(",", "") + fraction.padEnd(digits, "0"));
  if (!Number.isSafeInteger(amount)) return null;
  return sign === "-" && amount !== 0 ? -amount : amount;
}

// wholeNumber reads what was typed, and returns null for what is no whole number of at most nine
// digits.
export function wholeNumber(text) {
  const clean = text.normalize("NFKC").replace(/\s/gu, "");
  return /^\d{1,9}$/.test(clean) ? Number(clean) : null;
}
