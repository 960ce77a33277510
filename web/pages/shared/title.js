// The title of a page, which ends with what the store is called.

const brandName = document.querySelector('meta[name="application-name"]').content;

// showTitle has the browser call the page by the parts that there are.
export function showTitle(...parts) {
  document.title = [...parts, brandName].filter(Boolean).join(" · ");
}
