// A service worker that does nothing, for tests of how it is handed out.
addEventListener("install", () => {});
