// Tells browsers that are older than those of March 2022, which the pages need. It is written for all of
// them: old words only, and no module.
(function () {
  const known =
    window.TextDecoderStream &&
    window.HTMLDialogElement &&
    Array.prototype.at &&
    Array.prototype.findLast &&
    Object.hasOwn;
  if (!known) document.getElementById("older").hidden = false;
})();
