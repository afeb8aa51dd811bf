// The chat: joins what is kept (store), the server (api) and what is seen (view).

import * as api from "./api.js";
import * as store from "./store.js";
import * as view from "./view.js";

const { parts, say } = view;
const embedded = document.body.dataset.embedded === "yes";
const MAX_FILE = 10_000_000;
const TYPING_MS = 15_000;

let after = 0;            // the newest sequence we have
let following = null;     // ends the stream
let waitMs = 1000;        // before the next try to connect
let pumping = false;      // one message is on its way at a time, so that they arrive in order
let attached = null;      // {name, ready, id}
let typingTimer = 0;
let lost = false;

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
const load = (digest) => api.download(store.session(), digest);

// --- receiving ---------------------------------------------------------------------------------------

function receive(message) {
  if (message.sequence <= after) return;
  after = message.sequence;
  if (message.client_message_id) store.drop(message.client_message_id);
  view.show(message, { load });
  if (message.direction === "outgoing") {
    showTyping(false);
    const buttons = (message.choices ?? []).map((choice) =>
      view.button(choice.label, () => send({ choice: choice.id }, choice.label)));
    if (message.request_location) buttons.push(view.button(say("locate"), locate));
    view.offer(buttons);
  } else {
    view.offer([]);
  }
  parts["new-chat"].hidden = false;
}

function showTyping(shown) {
  clearTimeout(typingTimer);
  view.typing(shown);
  if (shown) typingTimer = setTimeout(() => view.typing(false), TYPING_MS);
}

async function catchUp() {
  // What was said before is not news: a screen reader is not read the whole conversation on each visit.
  parts.log.setAttribute("aria-live", "off");
  for (;;) {
    const page = await api.history(store.session(), after);
    page.forEach(receive);
    if (!page.length) break;
  }
  showTyping(false);
  setTimeout(() => parts.log.setAttribute("aria-live", "polite"), 300);
}

async function connect() {
  if (following || !store.session()) return;
  const mine = new AbortController();
  following = mine;
  while (store.session() && !mine.signal.aborted) {
    try {
      await api.follow(store.session(), after, { onOpen: connected, onMessage: receive, signal: mine.signal });
    } catch (error) {
      if (error instanceof api.Refused && error.status === 401) {
        startAnew(say("session_gone"));
        break;
      }
    }
    if (mine.signal.aborted) return;
    disconnected();
    await Promise.race([pause(waitMs * (0.75 + Math.random() / 2)), wakened()]);
    waitMs = Math.min(waitMs * 2, 15_000);
  }
  if (following === mine) following = null;
}

function connected() {
  waitMs = 1000;
  if (lost) {
    view.status(say("back"));
    setTimeout(() => { if (!lost) view.status(""); }, 4000);
  }
  lost = false;
  pump();
}

let losing = 0;
function disconnected() {
  if (lost) return;
  lost = true;
  // Servers restart and phones change cells: only what lasts is worth saying.
  clearTimeout(losing);
  losing = setTimeout(() => { if (lost) view.status(say("lost")); }, 1500);
}

const wakened = () => new Promise((done) => {
  addEventListener("online", done, { once: true });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) done(); }, { once: true });
});

// --- sending -----------------------------------------------------------------------------------------

function send(content, label) {
  const item = { client_message_id: store.newId(), content, label };
  store.keep(item);
  view.problem("");
  view.offer([]);
  view.showUnsent(item, "");
  showTyping(true);
  pump();
}

async function ensureSession() {
  if (!store.session()) {
    store.keepSession(await api.open(view.language, embedded));
    after = 0;
  }
  connect();
  return store.session();
}

async function pump() {
  if (pumping) return;
  pumping = true;
  let wait = 1000;
  for (;;) {
    const item = store.outbox().find((each) => !each.taken && !each.refused);
    if (!item) break;
    try {
      await api.post(await ensureSession(), { ...item.content, client_message_id: item.client_message_id });
      if (store.outbox().some((each) => each.client_message_id === item.client_message_id)) store.keep({ ...item, taken: true });
      view.showUnsentIfThere(item, "");
      wait = 1000;
    } catch (error) {
      if (error instanceof api.Refused) {
        refuse(item, error);
        continue;
      }
      view.showUnsent(item, say("not_sent"));
      showTyping(false);
      if (!store.session()) view.status(say("offline_start"));
      await Promise.race([pause(wait), wakened()]);
      wait = Math.min(wait * 2, 15_000);
    }
  }
  pumping = false;
}

function refuse(item, error) {
  showTyping(false);
  if (error.status === 401) {
    const unsent = store.outbox().filter((each) => !each.taken);
    startAnew(say("session_gone"));
    unsent.forEach((each) => { store.keep(each); view.showUnsent(each, say("not_sent")); });
    return;
  }
  store.drop(item.client_message_id);
  view.showUnsent(item, say("refused", { reason: error.message }));
  view.problem(say("refused", { reason: error.message }));
}

function startAnew(why = "") {
  following?.abort();
  following = null;
  store.forget();
  after = 0;
  lost = false;
  view.clear();
  showTyping(false);
  view.status(why);
  parts["new-chat"].hidden = true;
}

// --- the composer --------------------------------------------------------------------------------------

function grow() {
  parts.main.style.height = "auto";
  parts.main.style.height = `${Math.min(parts.main.scrollHeight, 160)}px`;
}

parts.main.addEventListener("input", grow);
parts.main.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    parts.composer.requestSubmit();
  }
});

parts.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = parts.main.value.trim();
  if (attached && !attached.ready) return;
  if (!text && !attached) {
    view.problem(say("empty_text"));
    parts.main.focus();
    return;
  }
  const content = { ...(text && { text }), ...(attached && { attachment: attached.id }) };
  send(content, text || say("file", { name: attached.name }));
  parts.main.value = "";
  detach();
  grow();
  parts.main.focus();
});

function detach() {
  attached = null;
  view.showAttached(null);
  parts.file.value = "";
}

parts.attach.addEventListener("click", () => parts.file.click());
parts.file.addEventListener("change", async () => {
  const [file] = parts.file.files;
  if (!file) return;
  view.problem("");
  if (file.size > MAX_FILE) {
    view.problem(say("too_large"));
    detach();
    return;
  }
  const mine = { name: file.name, ready: false };
  attached = mine;
  view.showAttached(mine, detach);
  parts.main.focus();
  try {
    mine.id = (await api.upload(await ensureSession(), file)).attachment;
    mine.ready = true;
    if (attached === mine) view.showAttached(mine, detach);
  } catch (error) {
    if (attached === mine) detach();
    view.problem(say("refused", { reason: error instanceof api.Refused ? error.message : file.name }));
  }
});

function locate() {
  view.problem("");
  if (!navigator.geolocation) {
    view.problem(say("location_denied"));
    return;
  }
  view.status(say("locating"));
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    view.status("");
    const location = { latitude: coords.latitude, longitude: coords.longitude, accuracy_m: coords.accuracy };
    const text = parts.main.value.trim();
    parts.main.value = "";
    send({ ...(text && { text }), location }, text || say("location"));
    parts.main.focus();
  }, () => {
    view.status("");
    view.problem(say("location_denied"));
  }, { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 });
}
parts.locate.addEventListener("click", locate);

document.querySelectorAll("[data-example]").forEach((example) => {
  example.disabled = false;
  example.addEventListener("click", () => {
    send({ text: example.textContent }, example.textContent);
    parts.main.focus();
  });
});

parts["new-chat"].addEventListener("click", () => parts.sure.showModal());
parts.sure.addEventListener("close", () => {
  if (parts.sure.returnValue === "yes") startAnew();
  parts.main.focus();
});

if (embedded && parent !== window) {
  const close = () => parent.postMessage({ townline: "close" }, "*");
  parts.close.hidden = false;
  parts.close.addEventListener("click", close);
  addEventListener("keydown", (event) => { if (event.key === "Escape" && !parts.sure.open) close(); });
}

// --- start -----------------------------------------------------------------------------------------------

async function start() {
  const waiting = store.outbox();
  if (store.session()) {
    parts.empty.hidden = true;
    for (let wait = 1000; ; wait = Math.min(wait * 2, 15_000)) {
      try {
        await catchUp();
        view.status("");
        break;
      } catch (error) {
        if (error instanceof api.Refused) {
          startAnew(say("session_gone"));
          break;
        }
        view.status(say("offline_start"));
        await Promise.race([pause(wait), wakened()]);
      }
    }
    connect();
  }
  const known = new Set(store.outbox().map((each) => each.client_message_id));
  for (const item of waiting.filter((each) => known.has(each.client_message_id))) {
    view.showUnsent(item, item.taken ? "" : say("not_sent"));
  }
  pump();
}

start();
