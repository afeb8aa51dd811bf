// Starts the pinned Slack emulator on loopback, with what it lacks: event subscriptions, and a look inside.
// Usage: node slack_emulator.mjs PORT SIGNING_SECRET
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [port, secret] = [Number(process.argv[2]), process.argv[3]];
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const dist = join(root, "node_modules", "emulate", "dist");
const isSlack = (name) => name.endsWith(".js") && readFileSync(join(dist, name), "utf8").includes("var slackPlugin = {");
const slack = await import(pathToFileURL(join(dist, readdirSync(dist).find(isSlack))));

const register = slack.slackPlugin.register;
slack.slackPlugin.register = (app, store, webhooks, baseUrl, tokenMap) => {
  const data = () => slack.getSlackStore(store);
  let subscription;
  let refusal = null;
  app.post("/_test/subscribe", async (c) => {
    if (subscription) webhooks.unregister(subscription.id);
    const { url } = await c.req.json();
    subscription = url ? webhooks.register({ url, events: ["*"], active: true, owner: "slack" }) : undefined;
    return c.json({ ok: true });
  });
  app.post("/_test/seed", async (c) => {
    slack.seedFromConfig(store, baseUrl, await c.req.json());
    return c.json({ ok: true });
  });
  app.post("/_test/user", async (c) => {
    const { name, ...changes } = await c.req.json();
    const user = data().users.findOneBy("name", name);
    data().users.update(user.id, changes);
    return c.json({ ok: true });
  });
  // What Slack answers when it is asked too often, or is ill. The emulator itself never does.
  app.post("/_test/refuse", async (c) => {
    refusal = await c.req.json();
    return c.json({ ok: true });
  });
  app.use("*", async (c, next) => {
    if (!refusal || refusal.times <= 0 || !c.req.path.endsWith(refusal.method)) return next();
    refusal.times -= 1;
    return c.json({ ok: false, error: refusal.error }, refusal.status, refusal.headers ?? {});
  });
  app.get("/_test/state", (c) => {
    const all = (name) => data()[name].all();
    return c.json({ users: all("users"), channels: all("channels"), messages: all("messages"), told: all("ephemeralMessages") });
  });
  register(app, store, webhooks, baseUrl, tokenMap);
};

const { createEmulator } = await import(pathToFileURL(join(dist, "api.js")));
await createEmulator({ service: "slack", port, hostname: "127.0.0.1", seed: { slack: { signing_secret: secret } } });
console.log("ready");
