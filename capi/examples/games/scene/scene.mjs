// A scene without a game engine: light and music that follow a voice. Node.js alone, no package.
//
//   node scene.mjs [--osc PORT] [--http PORT]     ports of this machine, 9000 and 8123 by default; 0 takes any
//
// `undersong stream --osc PORT` sends scores there; the page shows and plays them.
import { createSocket } from "node:dgram";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { light, music, nothing, take } from "./mood.mjs";
import { messages } from "./osc.mjs";

function port(name, standard) {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return standard;
  const given = Number(process.argv[at + 1]);
  if (Number.isInteger(given) && given >= 0 && given < 65536) return given;
  console.error(`--${name} ${process.argv[at + 1]}: expected a port from 0 to 65535`);
  process.exit(2);
}

const FILES = { "/": ["page.html", "text/html"], "/page.mjs": ["page.mjs", "text/javascript"], "/mood.mjs": ["mood.mjs", "text/javascript"] };
const known = nothing();
const readers = new Set();

function tell(reader) {
  reader.write(`data: ${JSON.stringify({ ...known, light: light(known), music: music(known) })}\n\n`);
}

const sound = createSocket("udp4");
sound.on("message", (packet) => {
  const found = messages(packet);
  for (const [address, values] of found) take(known, address, values);
  if (found.length > 0) readers.forEach(tell);
});

const pages = createServer((request, response) => {
  const file = FILES[request.url];
  if (request.url === "/events") {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    readers.add(response);
    request.on("close", () => readers.delete(response));
    tell(response);
  } else if (file) {
    response.writeHead(200, { "Content-Type": `${file[1]}; charset=utf-8` });
    createReadStream(fileURLToPath(new URL(file[0], import.meta.url))).pipe(response);
  } else {
    response.writeHead(404).end();
  }
});

for (const [server, what] of [[sound, "OSC"], [pages, "the page"]]) {
  server.on("error", (error) => {
    console.error(`${what}: ${error.message}; choose another port`);
    process.exit(1);
  });
}
sound.bind(port("osc", 9000), "127.0.0.1", () => {
  pages.listen(port("http", 8123), "127.0.0.1", () => {
    console.log(`osc ${sound.address().port}`);
    console.log(`page http://127.0.0.1:${pages.address().port}/`);
  });
});
