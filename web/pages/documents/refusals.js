// What the server has against a document, in the reader's language.

import { t } from "./core.js";
import { sentence } from "./paths.js";

// refusedText says what a message of the server means. One that only the server has words for is a detail of
// a sentence.
export function refusedText(message) {
  const known = sentence(message);
  return known ? t(`manage.wrong.${known.key}`, known.values) : t("manage.wrong.refused", { message });
}

// refusalText says what a problem has against the one field that it names.
export const refusalText = ({ field = "", body }) => refusedText((body.detail ?? "").replace(`${field} `, ""));
