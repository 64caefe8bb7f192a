// How Vite serves this example: on this machine only, on the port that Postkey is told of, or not at all.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  server: { host: "127.0.0.1", port: Number(process.env.PORT ?? 3000), strictPort: true },
});
