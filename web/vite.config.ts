import { defineConfig } from 'vite';

const collector = 'http://127.0.0.1:8080';

/** JSX needs no plugin: the bundler reads `jsx` and `jsxImportSource` from tsconfig.json. */
export default defineConfig({
  root: import.meta.dirname,
  // relative, so that the page works behind a proxy under any path
  base: './',
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', modulePreload: false, assetsInlineLimit: 0 },
  server: {
    proxy: {
      '/api': { target: collector, ws: true },
      '/healthz': collector,
    },
  },
});
