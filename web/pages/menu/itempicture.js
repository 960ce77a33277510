// The pictures of items: a store's own, or else a drawing.

const drawings = new URL("./drinks/", import.meta.url).href;

// showPicture has the image show the item. A picture that cannot be loaded is no picture.
export function showPicture(image, { image: own, product }) {
  const drawing = `${drawings}${product}.svg`;
  const source = own ?? drawing;
  if (image.dataset.source === source) return;
  image.dataset.source = source;
  image.src = source;
  image.classList.toggle("photo", Boolean(own));
  image.onerror = () => {
    image.onerror = null;
    image.src = drawing;
    image.classList.remove("photo");
  };
}
