// The page: models that follow the client, and views that follow the models.

import { render } from "preact";
import { applyAppearance } from "./model/appearance.js";
import { whenIdle } from "./model/frame.js";
import { start } from "./model/session.js";
import { watchKeyboard } from "./model/screen.js";
import { App } from "./view/app.js";
import { html } from "./view/html.js";
import { serveOffline } from "./model/offline.js";

applyAppearance();
watchKeyboard();
render(html`<${App} />`, document.getElementById("app"));
start();
whenIdle(serveOffline); // which fetches the page a second time
