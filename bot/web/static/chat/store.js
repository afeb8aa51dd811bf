// What this browser keeps: the key of the conversation, and messages that were not received yet.
// Where storage is forbidden (some frames), it lasts as long as the page.

const KEY = "townline.chat";
let memory = { session: null, outbox: [] };

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    if (kept && Array.isArray(kept.outbox)) memory = kept;
  } catch { /* Forbidden or damaged: go on with what we have. */ }
  return memory;
}

function write(value) {
  memory = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(value));
  } catch { /* Forbidden or full. */ }
}

export const session = () => read().session;
export const outbox = () => read().outbox;
export const keepSession = (value) => write({ ...read(), session: value });
export const forget = () => write({ session: null, outbox: [] });

export function keep(item) {
  const { session: current, outbox: items } = read();
  write({ session: current, outbox: [...items.filter((each) => each.client_message_id !== item.client_message_id), item] });
}

export function drop(id) {
  const { session: current, outbox: items } = read();
  write({ session: current, outbox: items.filter((each) => each.client_message_id !== id) });
}

export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
