import { defineConfig } from "vite";

const page = (name) => `${import.meta.dirname}/${name}`;

export default defineConfig({
  base: "./", // the built pages work in any folder of any host
  server: { host: true }, // phones in the same network reach the pages
  preview: { host: true },
  build: {
    target: ["chrome87", "safari14.1"], // TVs of 2022, iPhones of 2021
    rolldownOptions: { input: [page("index.html"), page("player.html")] },
  },
});
