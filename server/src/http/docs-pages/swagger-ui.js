// Starts Swagger UI on the openapi.json that lies beside the page.
globalThis.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // The badge would send the document's address to another host.
  validatorUrl: null,
});
