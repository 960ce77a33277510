// The stores, as the staff chooses among them.

import { call, language } from "./core.js";

// knownStores returns all stores that whoever has the session works at, in their order.
export const knownStores = async () => (await call("GET", "/store/stores")).stores;

// storeName is what a store is called in the reader's language.
export const storeName = ({ store, name }) => name?.[language] || name?.ko || name?.en || store;
