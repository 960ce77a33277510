// The views about people: who works here, where they are signed in, and their passkeys. Each is loaded
// before it is shown.

import { devicesView, loadDevices } from "./devicesview.js";
import { loadPasskeys, passkeysView } from "./passkeysview.js";
import { loadStaff, staffView } from "./staffview.js";

export const people = {
  "#staff": { load: loadStaff, view: staffView },
  "#devices": { load: loadDevices, view: devicesView },
  "#passkeys": { load: loadPasskeys, view: passkeysView },
};
