// One line on any page of the city puts the chat there:
//   <script src="https://chat.example.gov/widget.js" async></script>
// Options on the same tag: data-label (text of the button), data-lang (en, es), data-side (left, right).
// It sets no cookie and reads nothing of the page. See docs/widget.md.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || document.getElementById("townline-button")) return;
  const origin = new URL(script.src).origin;
  const language = script.dataset.lang || document.documentElement.lang.slice(0, 2) || "en";
  const label = script.dataset.label || (language === "es" ? "Chat con la ciudad" : "Chat with the city");
  const side = script.dataset.side === "left" ? "left" : "right";
  const small = matchMedia("(max-width: 30rem), (max-height: 30rem)");
  let frame = null;

  const button = document.createElement("button");
  button.id = "townline-button";
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  // Set one by one through the object model: a page's policy against inline styles does not forbid that.
  Object.assign(button.style, {
    position: "fixed", bottom: "1rem", [side]: "1rem", zIndex: "2147483000", padding: "0.75rem 1.25rem",
    border: "2px solid #fff", borderRadius: "999px", background: "#1a4480", color: "#fff", cursor: "pointer",
    font: "600 1rem/1.2 system-ui, sans-serif", boxShadow: "0 2px 10px rgb(0 0 0 / 30%)", minHeight: "44px",
  });

  function place() {
    Object.assign(frame.style, {
      position: "fixed", zIndex: "2147483001", border: "0", background: "#fff", colorScheme: "light dark",
      boxShadow: "0 4px 30px rgb(0 0 0 / 35%)", [side]: small.matches ? "0" : "1rem",
      bottom: small.matches ? "0" : "1rem", width: small.matches ? "100%" : "24rem",
      height: small.matches ? "100%" : "min(40rem, calc(100% - 2rem))", borderRadius: small.matches ? "0" : "12px",
    });
  }

  function open() {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.id = "townline-frame";
      frame.title = label;
      frame.allow = "geolocation";
      frame.src = `${origin}/widget?lang=${encodeURIComponent(language)}`;
      button.setAttribute("aria-controls", frame.id);
      place();
      small.addEventListener("change", place);
      frame.addEventListener("load", () => frame.focus());
      button.after(frame);
    }
    frame.style.display = "block";
    button.style.display = "none";
    button.setAttribute("aria-expanded", "true");
    frame.focus();
  }

  function close() {
    frame.style.display = "none";
    button.style.display = "";
    button.setAttribute("aria-expanded", "false");
    button.focus();
  }

  button.addEventListener("click", open);
  addEventListener("message", (event) => {
    if (frame && event.source === frame.contentWindow && event.origin === origin && event.data?.townline === "close") close();
  });
  const add = () => document.body.append(button);
  if (document.body) add();
  else addEventListener("DOMContentLoaded", add);
})();
