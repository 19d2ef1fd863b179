// Serves Seam's fake, seeded, on a free port of loopback. Prints the port, and ends when standard input
// does, so that it outlives nobody. Its arguments are the package's entry file and, as JSON, devices to put
// into the seeded workspace.
//
// The package's own `dist/server.js` listens on all interfaces. But what it is given as `port` it hands to
// Node's `listen` unchanged, and that takes an object with a host as well.

import process from "node:process";
import { pathToFileURL } from "node:url";

const { createFake } = await import(pathToFileURL(process.argv[2]).href);

const fake = await createFake();
await fake.seed();
for (const device of JSON.parse(process.argv[3] ?? "[]")) {
  fake.database.addDevice(device);
}
const { server } = await fake.startServer({
  port: { host: "127.0.0.1", port: 0 },
  baseUrl: "http://127.0.0.1",
});

process.stdin.on("end", () => process.exit()).resume();
console.log(server.address().port);
