// What stylelint checks in the pages' styles. How they look is prettier's.
export default {
  extends: "stylelint-config-standard",
  rules: {
    // Two rules that no element has in common may stand in any order.
    "no-descending-specificity": null,
    // Safari on phones knows text-size-adjust by its prefix alone.
    "property-no-vendor-prefix": null,
    // Phones of some years know no other notation.
    "media-feature-range-notation": "prefix",
  },
};
