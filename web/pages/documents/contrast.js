// How well colours can be told apart, by WCAG 2.2.

const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i;

// luminance returns a colour's relative luminance, from 0 to 1, and null for what is no "#rrggbb".
export function luminance(colour) {
  const channels = hex.exec(colour)?.slice(1);
  if (!channels) return null;
  const [red, green, blue] = channels
    .map((channel) => parseInt(channel, 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// contrast returns the contrast ratio of two colours, from 1 to 21.
export function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}
