// The stores, as the staff chooses among them.

import { call, language } from "./core.js";

const mainOnly = [{ store: "main" }];

// knownStores returns all stores, in their order.
export async function knownStores() {
  try {
    return (await call("GET", "/store/stores")).stores;
  } catch (problem) {
    if (problem.status === 404 || problem.status === 403) return mainOnly;
    throw problem;
  }
}

// storesOf returns those that whoever has the session works at.
export async function storesOf({ stores }) {
  if (stores.length === 1) return [{ store: stores[0] }];
  const known = await knownStores();
  if (stores.length === 0) return known;
  return stores.map((slug) => known.find(({ store }) => store === slug) ?? { store: slug });
}

// storeName is what a store is called in the reader's language.
export const storeName = ({ store, name }) => name?.[language] || name?.ko || name?.en || store;
