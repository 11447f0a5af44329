import { makeAccessible } from "./accessible.js";

makeAccessible(document.querySelector("#rest"));
SwaggerUIBundle({
  url: "/openapi.yaml",
  dom_id: "#rest",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: "none", // the page must not tell others what it shows
});
