// What the chat looks like. Text from outside becomes text nodes, never HTML.

export const strings = JSON.parse(document.body.dataset.strings);
export const language = document.body.dataset.language;

export const say = (key, values = {}) =>
  (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const byId = (id) => document.getElementById(id);
export const parts = Object.fromEntries(
  ["log", "messages", "empty", "choices", "typing", "problem", "status", "composer", "main", "file", "attach",
    "locate", "attached", "new-chat", "sure", "close"].map((id) => [id, byId(id)]),
);

function make(tag, { text, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  if (text != null) element.textContent = text;
  element.append(...children.filter(Boolean));
  return element;
}

/** Our own texts carry `**bold**` and web addresses; a resident's text is shown as typed. */
function light(text) {
  const nodes = [];
  const pattern = /\*\*(?=\S)(.+?)(?<=\S)\*\*|(https?:\/\/[^\s<>"'()]+[^\s<>"'().,;:!?])/g;
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    nodes.push(text.slice(end, found.index));
    nodes.push(found[1]
      ? make("strong", { text: found[1] })
      : make("a", { href: found[2], text: found[2], rel: "noopener noreferrer", target: "_blank" }));
    end = found.index + found[0].length;
  }
  return [...nodes, text.slice(end)].filter((node) => node !== "");
}

const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const dated = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });

function time(sentAt) {
  const at = new Date(sentAt);
  const today = at.toDateString() === new Date().toDateString();
  return make("time", { class: "when", datetime: sentAt, text: (today ? clock : dated).format(at) });
}

function who(message) {
  if (message.sender === "resident") return say("you");
  return message.sender === "staff" ? say("staff", { name: message.sender_name ?? "" }).replace(/^, /, "") : say("assistant");
}

function attachment(file, load) {
  if (file.kind !== "image") return make("p", { class: "attachment", text: say("file", { name: file.file_name }) });
  const image = make("img", { alt: say("photo", { name: file.file_name }), class: "attachment__image" });
  load(file.digest).then((blob) => { image.src = URL.createObjectURL(blob); }).catch(() => {
    image.replaceWith(make("p", { class: "attachment", text: say("photo", { name: file.file_name }) }));
  });
  return image;
}

/** Add a message, or put it in the place of its unsent copy. */
export function show(message, { load, atEnd = true }) {
  const bubble = make("div", { class: "bubble", lang: message.language, dir: "auto" });
  if (message.deleted) bubble.append(say("deleted"));
  else bubble.append(...(message.sender === "resident" ? [message.text] : light(message.text)));
  for (const file of message.attachments ?? []) bubble.append(attachment(file, load));
  if (message.location && !message.text) bubble.append(say("location"));
  const item = make(
    "li",
    { class: `line line--${message.sender}`, tabindex: "-1", "data-sequence": message.sequence },
    make("span", { class: "who", text: who(message) }), bubble, time(message.sent_at),
  );
  const unsent = message.client_message_id && byId(`u-${message.client_message_id}`);
  if (unsent) unsent.replaceWith(item);
  else place(item, Number(message.sequence));
  parts.empty.hidden = true;
  if (atEnd) toEnd();
}

function place(item, sequence) {
  const later = [...parts.messages.children].find(
    (each) => each.dataset.unsent === "yes" || Number(each.dataset.sequence) > sequence,
  );
  if (later) later.before(item);
  else parts.messages.append(item);
}

/** Show a message of one's own that the server has not taken yet, or its new state. */
export function showUnsent(item, state, { again } = {}) {
  let line = byId(`u-${item.client_message_id}`);
  if (!line) {
    const bubble = make("div", { class: "bubble", dir: "auto", text: item.label });
    line = make("li", { class: "line line--resident", id: `u-${item.client_message_id}`, tabindex: "-1", "data-unsent": "yes" },
      make("span", { class: "who", text: say("you") }), bubble, make("span", { class: "state" }));
    parts.messages.append(line);
    parts.empty.hidden = true;
  }
  line.querySelector(".state").replaceChildren(state, ...(again ? [" ", again] : []));
  line.classList.toggle("line--waiting", Boolean(state));
  toEnd();
}

/** As showUnsent, unless the server's copy is shown already. */
export function showUnsentIfThere(item, state) {
  if (byId(`u-${item.client_message_id}`)) showUnsent(item, state);
}

export function button(text, act) {
  const made = make("button", { type: "button", class: "choice", text });
  made.addEventListener("click", act);
  return made;
}

/** Offer answers to the last message; none hides the row. */
export function offer(buttons) {
  const held = parts.choices.contains(document.activeElement);
  parts.choices.replaceChildren(...buttons);
  parts.choices.hidden = buttons.length === 0;
  if (held) parts.main.focus();
}

export function typing(shown) {
  parts.typing.hidden = !shown;
  if (shown) toEnd();
}

export function problem(text) {
  parts.problem.textContent = text;
}

export function status(text) {
  if (parts.status.textContent !== text) parts.status.textContent = text;
}

export function showAttached(file, remove) {
  parts.attached.hidden = !file;
  parts.attached.replaceChildren();
  if (!file) return;
  const cross = make("button", { type: "button", class: "link-button", text: "×", "aria-label": say("remove_file", { name: file.name }) });
  cross.addEventListener("click", remove);
  parts.attached.append(make("span", { text: say(file.ready ? "attached" : "uploading", { name: file.name }) }), cross);
}

export function clear() {
  parts.messages.replaceChildren();
  parts.empty.hidden = false;
  offer([]);
}

export function toEnd() {
  parts.log.scrollTop = parts.log.scrollHeight;
}

// The log is one stop of the tab key; arrows walk its messages, which then show their time.
parts.log.addEventListener("keydown", (event) => {
  const lines = [...parts.messages.children];
  const here = lines.indexOf(document.activeElement);
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step && lines.length && (here >= 0 || event.target === parts.log)) {
    event.preventDefault();
    lines[here < 0 ? lines.length - 1 : Math.max(0, Math.min(lines.length - 1, here + step))].focus();
  } else if (event.key === "Escape" && here >= 0) {
    event.stopPropagation();
    parts.log.focus();
  }
});
