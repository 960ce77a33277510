// Passkeys of this browser: making one, and signing in by one.

import { Problem, call } from "./core.js";

// An IP address has none, and neither has a page that did not come over HTTPS, but for localhost.
const isName = !/^[\d.]+$|:/.test(location.hostname);

// passkeysWork says whether this browser has passkeys at this address.
export const passkeysWork = Boolean(
  isName && isSecureContext && globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON,
);

// asked returns what the device answers. Whoever changes their mind, or takes too long, is no fault.
async function asked(ask) {
  try {
    return (await ask()).toJSON();
  } catch (error) {
    if (error.name === "InvalidStateError") throw new Problem(409, { code: "passkey_known" });
    if (error instanceof DOMException) throw new Problem(400, { code: "passkey_not_used" });
    throw error;
  }
}

// signInByPasskey begins a session for whoever's passkey the device offers.
export async function signInByPasskey() {
  const { publicKey } = await call("POST", "/store/login/passkey/options");
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
  const credential = await asked(() => navigator.credentials.get({ publicKey: options }));
  await call("POST", "/store/login/passkey", { body: { credential } });
}

// makePasskey makes a passkey of whoever is signed in, and returns it.
export async function makePasskey(label) {
  const { publicKey } = await call("POST", "/store/passkeys/options");
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
  const credential = await asked(() => navigator.credentials.create({ publicKey: options }));
  return call("POST", "/store/passkeys", { body: { label, credential } });
}
