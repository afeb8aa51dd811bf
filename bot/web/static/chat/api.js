// The web chat API as functions (docs/webchat-api.md). Knows HTTP, nothing of the page.

const BASE = "/api/webchat/v1/conversations";

export class Refused extends Error {
  /** The server answered, and repeating the same would be answered the same. */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options = {}, token = null) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(BASE + path, { ...options, headers, credentials: "same-origin" });
  if (answer.ok) return answer;
  const temporary = answer.status >= 500 || answer.status === 429 || answer.status === 408;
  const said = await answer.json().catch(() => ({}));
  const message = said?.error?.message ?? `HTTP ${answer.status}`;
  throw temporary ? new Error(message) : new Refused(answer.status, message);
}

const json = (value) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(value),
});

export async function open(language, embedded) {
  return (await ask("", json({ language, embedded }))).json();
}

export async function post({ id, token }, message) {
  await ask(`/${id}/messages`, json(message), token);
}

export async function upload({ id, token }, file) {
  const path = `/${id}/attachments?file_name=${encodeURIComponent(file.name)}`;
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  return (await ask(path, { method: "POST", headers, body: file }, token)).json();
}

export async function download({ id, token }, digest) {
  return (await ask(`/${id}/attachments/${digest}`, {}, token)).blob();
}

export async function history({ id, token }, after) {
  return (await (await ask(`/${id}/messages?after=${after}`, {}, token)).json()).messages;
}

/**
 * Follow a conversation until the connection ends. EventSource cannot send the token, hence fetch.
 * `onOpen` is called when the server answered, `onMessage` with each message. Silence ends it too:
 * the server says something every 15 seconds, even if it is nothing.
 */
export async function follow({ id, token }, after, { onOpen, onMessage, signal }) {
  const aborting = new AbortController();
  const stop = () => aborting.abort();
  signal.addEventListener("abort", stop);
  let silence = setTimeout(stop, 40_000);
  try {
    const headers = { Accept: "text/event-stream", "Last-Event-ID": String(after) };
    const answer = await ask(`/${id}/stream`, { headers, signal: aborting.signal, cache: "no-store" }, token);
    onOpen();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(stop, 40_000);
      const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
        if (data.length) onMessage(JSON.parse(data.join("\n")));
      }
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", stop);
  }
}
