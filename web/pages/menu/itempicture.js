// The pictures of items: a store's own, or else a drawing.

const drawings = new URL("./drinks/", import.meta.url).href;

// showPicture has the image show the item.
export function showPicture(image, { image: own, product }) {
  const source = own ?? `${drawings}${product}.svg`;
  if (image.getAttribute("src") !== source) image.src = source;
  image.classList.toggle("photo", Boolean(own));
}
