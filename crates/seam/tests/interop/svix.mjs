// Deliveries as Svix's own library signs them, some altered since, each with what that library says of it.
// Its argument is the package's entry file. Prints one JSON object.

import { Buffer } from "node:buffer";
import process from "node:process";
import { pathToFileURL } from "node:url";

const { Webhook, WebhookVerificationError } = await import(pathToFileURL(process.argv[2]).href);

const secretOf = (text) => `whsec_${Buffer.from(text).toString("base64")}`;
const secret = secretOf("a key of 24 bytes or so.");
const other = secretOf("another webhook's key, 32 bytes.");

const now = Math.floor(Date.now() / 1000);

const event = (more) =>
  JSON.stringify({
    event_id: "ev-1",
    event_type: "lock.unlocked",
    workspace_id: "ws-1",
    ...more,
  });

const bodies = [
  event({}),
  event({ event_description: "Tür geöffnet — ドア 🚪", nested: { a: [1, 2.5, null] } }),
  JSON.stringify(JSON.parse(event({ device_id: "d" })), null, 2) + "\n",
  event({ filler: "x".repeat(100_000) }),
];

function sign(key, body, { id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", at = now } = {}) {
  const signature = new Webhook(key).sign(id, new Date(at * 1000), body);
  return { id, timestamp: String(at), signature, body };
}

const named = ({ id, timestamp, signature, body }, prefix) => ({
  headers: {
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: timestamp,
    [`${prefix}-signature`]: signature,
  },
  body,
});

const cases = [];
for (const body of bodies) {
  const right = sign(secret, body);
  const wrong = sign(other, body);
  const bare = right.signature.slice("v1,".length);
  cases.push(
    ["signed", right],
    ["signed a while ago", sign(secret, body, { at: now - 200 })],
    ["signed a little ahead", sign(secret, body, { at: now + 200 })],
    ["two signatures, ours second", { ...right, signature: `${wrong.signature} ${right.signature}` }],
    ["a version of tomorrow first", { ...right, signature: `v2,${bare} ${right.signature}` }],
    ["an asymmetric one first", { ...right, signature: `v1a,${bare} ${right.signature}` }],
    ["another webhook's", wrong],
    ["another version's name alone", { ...right, signature: `v1a,${bare}` }],
    ["no version", { ...right, signature: bare }],
    ["a signature that is cut", { ...right, signature: right.signature.slice(0, -4) }],
    ["another body", { ...right, body: body.replace("ev-1", "ev-2") }],
    ["a space more", { ...right, body: `${body} ` }],
    ["another id", { ...right, id: "msg_other" }],
    ["another time", { ...right, timestamp: String(now - 1) }],
    ["too old", sign(secret, body, { at: now - 400 })],
    ["too new", sign(secret, body, { at: now + 400 })],
    ["no time", { ...right, timestamp: "yesterday" }],
    ["nothing", { ...right, signature: "" }],
  );
}

function passes({ headers, body }) {
  try {
    new Webhook(secret).verify(body, { ...headers });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

const deliveries = [];
for (const prefix of ["svix", "webhook", "Svix"]) {
  for (const [name, parts] of cases) {
    const delivery = named(parts, prefix);
    deliveries.push({ name: `${name}, as ${prefix}`, passes: passes(delivery), ...delivery });
  }
}

process.stdout.write(JSON.stringify({ secret, now, deliveries }));
