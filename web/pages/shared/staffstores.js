// The stores, as the staff chooses among them.

import { call, language } from "./core.js";

// storeList returns all stores that whoever has the session works at, in their order, and whether there are several
// of whomever: {stores, several}.
export const storeList = () => call("GET", "/store/stores");

export const knownStores = async () => (await storeList()).stores;

// storeName is what a store is called in the reader's language.
export const storeName = ({ store, name }) => name?.[language] || name?.ko || name?.en || store;
