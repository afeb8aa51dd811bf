// The desk with script: live parts keep their place, replies go by keyboard, a session never ends unseen.
// Everything here is an addition; each form works without it.

const byId = (id) => document.getElementById(id);

// --- live parts: what was open, focused and scrolled stays so ------------------------------------

const scroll = byId("scroll");
let kept = { open: [], focus: null, atEnd: true };

// On a phone the whole page scrolls; its end is then the composer, with the newest messages above it.
const pageScrolls = () => document.documentElement.scrollHeight > innerHeight + 1 && innerHeight > 480;
const nearEnd = () => {
  if (!scroll) return true;
  if (pageScrolls()) return Math.abs(byId("composer").getBoundingClientRect().bottom - innerHeight) < 80;
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
};
const toEnd = () => {
  if (!scroll) return;
  scroll.scrollTop = scroll.scrollHeight;
  if (pageScrolls()) byId("composer").scrollIntoView({ block: "end" });
};
const lastMessage = () => byId("thread")?.dataset.last ?? "";
let lastSeen = lastMessage();

document.body.addEventListener("htmx:beforeSwap", () => {
  kept = {
    open: [...document.querySelectorAll("#thread details[open]")].map((each) => each.id),
    focus: document.activeElement?.id || null,
    department: byId("transfer-to")?.value,
    atEnd: nearEnd(),
  };
});

document.body.addEventListener("htmx:afterSettle", () => {
  for (const id of kept.open) byId(id)?.setAttribute("open", "");
  if (kept.focus && document.activeElement === document.body) byId(kept.focus)?.focus({ preventScroll: true });
  if (kept.department && byId("transfer-to")) byId("transfer-to").value = kept.department;
  if (kept.atEnd) toEnd();
  announceNews();
});

function announceNews() {
  if (lastMessage() === lastSeen) return;
  const last = byId(`m-${lastMessage()}`);
  lastSeen = lastMessage();
  if (last?.dataset.incoming !== "yes") return;
  const who = last.querySelector(".message__who strong")?.textContent ?? "";
  const text = last.querySelector(".message__text")?.textContent ?? "";
  byId("announce").textContent = `${who}: ${text}`.slice(0, 300);
}

const connection = byId("connection");
let lost = false;
document.body.addEventListener("htmx:sseError", () => {
  if (lost) return;
  lost = true;
  connection.textContent = "The live connection is lost. What you see may be old; reconnecting.";
});
document.body.addEventListener("htmx:sseOpen", () => {
  if (!lost) return;
  lost = false;
  connection.textContent = "Connected again.";
  document.querySelectorAll('[hx-trigger*="refresh"]').forEach((each) => window.htmx.trigger(each, "refresh"));
  setTimeout(() => { if (!lost) connection.textContent = ""; }, 4000);
});
document.body.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  connection.textContent = status === 403
    ? "This page is too old. Reload it; what you typed is kept."
    : `That did not work (error ${status}). Try again.`;
});
document.body.addEventListener("htmx:sendError", () => {
  connection.textContent = "The server cannot be reached. What you typed is kept; try again.";
});

// --- composer --------------------------------------------------------------------------------------

const composer = byId("composer");
if (composer) {
  const text = byId("text");
  const draftKey = `draft:${composer.dataset.conversation}`;
  const saved = byId("saved");

  const insert = (words) => {
    text.value = text.value.trim() ? `${text.value.trimEnd()}\n${words}` : words;
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const suggestion = () => document.querySelector("[data-suggestion]");

  if (!text.value) text.value = sessionStorage.getItem(draftKey) ?? "";
  text.addEventListener("input", () => sessionStorage.setItem(draftKey, text.value));

  text.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      composer.requestSubmit();
    } else if (event.key === "/" && !text.value && saved) {
      event.preventDefault();
      saved.focus();
      try { saved.showPicker(); } catch { /* The list opens with the arrow keys as well. */ }
    } else if (event.key === "ArrowRight" && !text.value && suggestion()) {
      event.preventDefault();
      insert(suggestion().dataset.suggestion);
    }
  });
  composer.addEventListener("click", (event) => {
    const button = event.target.closest("[data-suggestion]");
    if (button) insert(button.dataset.suggestion);
  });
  if (saved) {
    saved.closest("label").hidden = false;
    saved.addEventListener("change", () => {
      if (saved.value) insert(saved.value);
      saved.value = "";
    });
    saved.addEventListener("keydown", (event) => { if (event.key === "Escape") text.focus(); });
  }
  composer.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== composer || !event.detail.successful) return;
    text.value = "";
    byId("hints").textContent = "";
    sessionStorage.removeItem(draftKey);
    kept.atEnd = true;
    text.focus();
  });
  // Hints change while somebody types: how many there are is said once, and only when it changes.
  let told = 0;
  composer.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "hints") return;
    const count = Number(event.target.querySelector("[data-count]")?.dataset.count ?? 0);
    if (count && count !== told) byId("announce").textContent = count === 1 ? "1 hint on your text" : `${count} hints on your text`;
    told = count;
  });
  composer.addEventListener("submit", () => { if (!window.htmx) sessionStorage.removeItem(draftKey); });
}
toEnd();

// --- the end of a session is announced two minutes before ------------------------------------------

const dialog = byId("session-dialog");
let ends = Date.parse(document.body.dataset.sessionEnds);
const lastEnd = Date.parse(document.body.dataset.sessionLast);
const WARNING = 120_000;

function checkSession() {
  const left = ends - Date.now();
  if (left <= 0) {
    location.assign(`/desk/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  if (left < WARNING && !dialog.open) dialog.showModal();
  if (dialog.open) byId("session-left").textContent = left > 60_000 ? "2 minutes" : "less than a minute";
  setTimeout(checkSession, left < WARNING ? 5_000 : Math.min(left - WARNING + 500, 60_000));
}

byId("session-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/desk/session", {
    method: "POST",
    body: new URLSearchParams(new FormData(event.target)),
    redirect: "manual",
  }).catch(() => null);
  if (answer?.status === 204) {
    ends = Math.min(Date.parse(answer.headers.get("X-Session-Ends")), lastEnd);
    dialog.close();
  } else {
    location.assign("/desk/sign-in");
  }
});
// A page at work is in use: the server counts only what is done by hand, so the count here starts anew then too.
document.body.addEventListener("htmx:afterRequest", (event) => {
  const verb = event.detail.requestConfig?.verb;
  if (verb === "post" && event.detail.successful) ends = Math.min(Date.now() + 60 * 60_000, lastEnd);
});
checkSession();
