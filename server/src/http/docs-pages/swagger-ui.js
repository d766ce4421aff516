// Starts Swagger UI on /openapi.json.
globalThis.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // The badge would send the document's address to another host.
  validatorUrl: null,
});
